import type { Budget } from './budget.ts';
import type { NearTest } from './opened-clause.ts';
import { wordsTest } from './parse-words.ts';
import { splitEscaped, unescapeText } from './query-text.ts';
import { referenceKey } from './reference-text.ts';
import type { Clause } from './search-query.ts';
import { refuse } from './search-refused.ts';

/** R4 leaves a missing distance to the server. */
const usualKilometres = 50;
/** Half of the earth's circumference: everywhere. */
const mostKilometres = 20_100;
const metres: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ km: 1000, m: 1, cm: 0.01, mi: 1609.344, '[mi_i]': 1609.344, '[mi_us]': 1609.347 },
    ...{ ft: 0.3048, '[ft_i]': 0.3048, '[nmi_i]': 1852 },
  }),
);
const decimal = /^[+-]?\d{1,9}(?:\.\d{1,20})?$/;

/** `latitude|longitude|distance|unit`, R4 location.html, parameter near: kilometres if unsaid. */
export function nearClause(name: string, texts: string[], budget: Budget): Clause {
  return {
    on: 'near',
    name,
    params: ['near'],
    values: texts.map((one) => near(name, one, budget)),
  };
}

function near(name: string, text: string, budget: Budget): NearTest {
  const parts = splitEscaped(text, '|').map(unescapeText);
  const [latitude = '', longitude = '', distance = '', unit = ''] = parts;
  const [lat, lon] = [Number(latitude), Number(longitude)];
  const size = distance === '' ? usualKilometres : Number(distance);
  const each = metres.get(distance === '' || unit === '' ? 'km' : unit);
  const numbers = [latitude, longitude, ...(distance === '' ? [] : [distance])];
  if (parts.length > 4 || !numbers.every((one) => decimal.test(one))) {
    return refuse('value', name, `${name} takes latitude|longitude|distance|unit.`);
  }
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) {
    return refuse('value', name, `${name} takes degrees: -90 to 90 and -180 to 180.`);
  }
  if (each === undefined) {
    return refuse('value', name, `${name} takes distances in ${[...metres.keys()].join(', ')}.`);
  }
  if (size < 0) return refuse('value', name, `${name} takes a distance of 0 or more.`);
  if (distance === '')
    budget.notes.push(`near without a distance is within ${usualKilometres} km.`);
  return { latitude: lat, longitude: lon, metres: Math.min(size * each, mostKilometres * 1000) };
}

/** `_text` and `_content`, R4 search.html#text. */
export function wordsClause(name: '_text' | '_content', texts: string[]): Clause {
  const values = texts.map((one) => wordsTest(name, unescapeText(one)));
  return {
    on: 'words',
    name,
    params: [name],
    of: name === '_text' ? 'narrative' : 'content',
    values,
  };
}

/** `_list=42`: what the List's entries refer to, R4 search.html#list. */
export function listClause(name: string, texts: string[], own?: string): Clause {
  const ids = texts.map((text) => {
    const value = unescapeText(text);
    if (value.startsWith('$')) {
      return refuse(
        'not-supported',
        name,
        '_list takes ids of Lists; $current lists are not kept.',
      );
    }
    const key = referenceKey(/^[A-Za-z0-9\-.]{1,64}$/.test(value) ? `List/${value}` : value, own);
    if (key?.type === 'List') return key.id;
    return refuse('value', name, '_list takes the ids of Lists.');
  });
  const then: Clause = { on: 'id', not: false, ids };
  // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
  return { on: 'has', name, source: 'List', params: ['item'], then };
}
