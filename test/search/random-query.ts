import type { IndexValue } from '../../src/standards/fhir/search/index-value.ts';
import { normalizeString } from '../../src/standards/fhir/search/normalize.ts';
import {
  type SearchParameter,
  searchParameters,
} from '../../src/standards/fhir/search/parameter.ts';
import type { Random } from '../../src/standards/population/random.ts';
import type { NaiveRecord } from './naive-search.ts';

export type Pair = [name: string, value: string];

const prefixes = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** Searches whose values are those of the records, so that most of them find something. */
export class RandomQuery {
  readonly #random: Random;
  readonly #records: readonly NaiveRecord[];

  constructor(random: Random, records: readonly NaiveRecord[]) {
    this.#random = random;
    this.#records = records;
  }

  next(): { type: string; pairs: Pair[] } {
    const { type } = this.#random.pick(this.#records);
    const pairs = [this.#pair(type, 0)];
    while (this.#random.chance(0.3)) pairs.push(this.#pair(type, 0));
    return { type, pairs };
  }

  #pair(type: string, links: number): Pair {
    const random = this.#random;
    if (links < 2 && random.chance(0.2)) {
      const linked = random.chance(0.6) ? this.#chain(type, links) : this.#has(type, links);
      if (linked !== undefined) return linked;
    }
    const parameters = [...searchParameters(type).values()].filter((one) => one.kind !== 'special');
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const parameter = random.pick(parameters);
      const pair = this.#plain(type, parameter);
      if (pair !== undefined) return pair;
    }
    return ['_id', this.#one(type).id];
  }

  #one(type: string): NaiveRecord {
    return this.#random.pick(this.#records.filter((one) => one.type === type));
  }

  #chain(type: string, links: number): Pair | undefined {
    const values = this.#one(type).values.filter(
      (value) => value.kind === 'reference' && value.url === undefined,
    );
    if (values.length === 0) return undefined;
    const value = this.#random.pick(values);
    if (value.kind !== 'reference') return undefined;
    if (!this.#records.some((one) => one.type === value.type)) return undefined;
    const [name, text] = this.#pair(value.type, links + 1);
    return [`${value.param}:${value.type}.${name}`, text];
  }

  #has(type: string, links: number): Pair | undefined {
    const pointing = this.#records.flatMap((one) =>
      one.values.flatMap((value) =>
        value.kind === 'reference' && value.type === type ? [{ one, value }] : [],
      ),
    );
    if (pointing.length === 0) return undefined;
    const { one, value } = this.#random.pick(pointing);
    const [name, text] = this.#pair(one.type, links + 1);
    return [`_has:${one.type}:${value.param}:${name}`, text];
  }

  #plain(type: string, parameter: SearchParameter): Pair | undefined {
    const random = this.#random;
    if (random.chance(0.08) && parameter.kind !== 'composite') {
      return [`${parameter.code}:missing`, random.chance(0.5) ? 'true' : 'false'];
    }
    if (parameter.code === '_id') return this.#ids(type);
    if (parameter.code === '_lastUpdated') {
      return ['_lastUpdated', this.#date(this.#one(type).updatedAt)];
    }
    const first = this.#value(type, parameter);
    if (first === undefined) return undefined;
    const [modifier, text] = first;
    const texts = [text];
    for (let more = 0; more < 3 && random.chance(0.25); more += 1) {
      const other = this.#value(type, parameter);
      if (other?.[0] === modifier) texts.push(other[1]);
    }
    return [`${parameter.code}${modifier}`, texts.join(',')];
  }

  #ids(type: string): Pair {
    const ids = Array.from({ length: this.#random.integer(1, 3) }, () => this.#one(type).id);
    return [this.#random.chance(0.3) ? '_id:not' : '_id', ids.join(',')];
  }

  /** A modifier and one alternative, taken from a record that has a value. */
  #value(type: string, parameter: SearchParameter): Pair | undefined {
    if (parameter.kind === 'composite') return this.#composite(type, parameter);
    const values = this.#records
      .filter((one) => one.type === type)
      .flatMap((one) => one.values)
      .filter((value) => parameter.covers.some((code) => value.param.split(':')[0] === code));
    return values.length === 0 ? undefined : this.#text(this.#random.pick(values));
  }

  #text(value: IndexValue): Pair | undefined {
    const random = this.#random;
    const not = random.chance(0.15) ? ':not' : '';
    switch (value.kind) {
      case 'token':
        return this.#token(value, not);
      case 'string':
        return this.#string(value.value);
      case 'uri': {
        const slash = value.value.lastIndexOf('/');
        const above = slash > 8 ? value.value.slice(0, slash) : value.value;
        const forms: Pair[] = [
          [not, escaped(value.value)],
          [':below', escaped(above)],
          [':above', escaped(`${value.value}/more`)],
        ];
        return random.pick(forms);
      }
      case 'reference': {
        if (value.url !== undefined) return [not, escaped(value.url)];
        const forms: Pair[] = [
          [not, `${value.type}/${value.id}`],
          [not, value.id],
          [`:${value.type}`, value.id],
        ];
        return random.pick(forms);
      }
      case 'date':
        return ['', this.#date(random.chance(0.5) ? value.low : value.high)];
      case 'birth-date': {
        const length = random.pick([4, 7, 10]);
        return ['', `${random.pick(prefixes)}${value.value.slice(0, length)}`];
      }
      case 'quantity':
        return ['', this.#quantity(value)];
      case 'composite':
        return undefined;
    }
  }

  #token(value: Extract<IndexValue, { kind: 'token' }>, not: string): Pair {
    const [system, code] = [escaped(value.system), escaped(value.code)];
    if (value.param.endsWith(':identifier')) return [':identifier', `${system}|${code}`];
    if (value.param.endsWith(':of-type')) return [':of-type', `${value.system}|${code}`];
    const forms = [code, `${system}|${code}`, `|${code}`, code, `${system}|${code}`];
    if (system !== '') forms.push(`${system}|`);
    return [not, this.#random.pick(forms)];
  }

  #string(value: string): Pair {
    const random = this.#random;
    if (random.chance(0.25)) return [':exact', escaped(value)];
    if (random.chance(0.25)) {
      const letters = [...value];
      const from = random.integer(0, letters.length - 1);
      const part = letters.slice(from, from + random.integer(1, 8)).join('');
      if (normalizeString(part) !== '') return [':contains', escaped(part)];
    }
    const words = value.split(/\s+/);
    const from = random.chance(0.5) ? value : random.pick(words);
    const text = [...(random.chance(0.4) ? normalizeString(from) : from)];
    const begin = text.slice(0, random.integer(1, Math.min(text.length, 20))).join('');
    return ['', escaped(random.chance(0.3) ? begin.toUpperCase() : begin)];
  }

  #date(ms: number): string {
    const random = this.#random;
    const near = Number.isFinite(ms) ? ms + random.pick([0, 0, 0, -86_400_000, 3_600_000]) : 0;
    const text = new Date(near).toISOString();
    const length = random.pick([4, 7, 10, 16, 19, 23]);
    return `${random.pick(prefixes)}${text.slice(0, length)}${length > 10 ? 'Z' : ''}`;
  }

  #quantity(value: Extract<IndexValue, { kind: 'quantity' }>): string {
    const random = this.#random;
    const number = random.pick([value.value, value.value * 1.05, Math.round(value.value)]);
    const digits = random.pick([String(number), number.toPrecision(2), number.toExponential(2)]);
    const { system, code, unit } = value;
    const units = ['', `|${escaped(system)}|${escaped(code)}`, `||${escaped(code || unit)}`];
    if (unit !== '') units.push(`||${escaped(unit)}`);
    const chosen = code === '' && unit === '' ? '' : random.pick(units);
    return `${random.pick(prefixes)}${digits}${chosen === '||' ? '' : chosen}`;
  }

  #composite(type: string, parameter: SearchParameter): Pair | undefined {
    const one = this.#one(type);
    const pairs = one.values.filter((value) => value.kind === 'composite');
    const mine = pairs.filter(({ param }) => parameter.covers.includes(param));
    const parts =
      mine.length > 0
        ? this.#random.pick(mine).parts
        : (parameter.root ?? []).map((code) => {
            const covers = searchParameters(type).get(code)?.covers ?? [];
            return one.values.find((value) => covers.includes(value.param));
          });
    const texts = parts.map((part) => part && this.#text(part)?.[1]);
    if (texts.length === 0 || texts.includes(undefined)) return undefined;
    return ['', texts.join('$')];
  }
}

function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, (letter) => `\\${letter}`);
}
