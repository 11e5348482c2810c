import { searchParameters } from '../../src/standards/fhir/search/parameter.ts';
import type { Random } from '../../src/standards/population/random.ts';
import { hostileTexts } from './hostile.ts';
import { allTypes } from './random-resource.ts';

const modifiers: Readonly<Record<string, readonly string[]>> = {
  string: ['exact', 'contains', 'text'],
  token: ['not', 'text', 'in', 'not-in', 'above', 'below', 'of-type', 'code-text'],
  reference: ['Patient', 'Observation', 'identifier', 'text', 'above', 'below', 'not', 'type'],
  uri: ['above', 'below', 'contains', 'not'],
  any: ['missing', 'exact', 'iterate', '', 'x', '__proto__', 'missing:missing', 'not.name'],
};
const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'xx'];
const fitting: Readonly<Record<string, readonly string[]>> = {
  date: ['2024', '2024-02', '2024-02-29', '2024-02-29T10:00:00Z', '2024-02-29T10:00-05:00'],
  number: ['1.5', '1e3', '100', '-3', '0.00', '1e-9'],
  quantity: ['5.4|http://unitsofmeasure.org|mg', '5.4||mg', '1e3', '-3', '100|http://x|y'],
  token: ['http://loinc.org|8480-6', '|x', 'x|', 'x|y', 'male', 'true', 'final', 'a\\,b'],
  string: ['Ann', 'a', 'Müller', 'x y z', 'á', 'x\\,y', '%', '_', '*'],
  reference: ['Patient/known.1', 'known.1', 'https://other.example/fhir/Patient/9', 'urn:uuid:x'],
  uri: ['http://example.org/x', 'urn:oid:1.2.3', 'http://example.org/x|1', 'x'],
  composite: ['8480-6$120', 'http://loinc.org|8480-6$gt120', 'a$b', 'a$b$c', '$'],
  special: ['42.1|-71.2|10|km', '42.1|-71.2', 'Ann', 'x', '0|0|1e9|km', '91|181'],
};
const plain: readonly string[] = Object.values(fitting).flat();
const filterNames = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'];
const moreNames = ['po', 'ss', 'sb', 'in', 'ni', 're', 'xx'];
const results: readonly (readonly [string, readonly string[]])[] = [
  ['_count', ['0', '1', '7', '1000', '99999999999', '-1', 'x', '']],
  ['_count', ['0', '1', '2', '7', '1000']],
  ['_summary', ['true', 'text', 'data', 'count', 'false', 'x']],
  ['_elements', ['id', 'name,active', 'a'.repeat(300), '__proto__', 'name.given', ',']],
  ['_total', ['none', 'estimate', 'accurate', 'x']],
  ['_format', ['json', 'xml', 'application/fhir+json', 'text/html', 'turtle', 'x']],
  ['_pretty', ['true', 'false', 'x']],
  ['_cursor', ['x', 'AAAA', 'eyJ9', '%00', 'a'.repeat(500)]],
  ['_contained', ['true', 'both', 'false', 'x']],
  ['_query', ['x', 'everything']],
  ['_list', ['x', '$current-problems']],
  ['_text', ['Ann', 'a b c', '"']],
  ['_content', ['Ann', 'x OR y', '(']],
  ['_type', ['Patient', 'Patient,Observation', 'Frob', '']],
  ['_since', ['2024-01-01T00:00:00Z', 'x']],
  ['_at', ['2024', 'x']],
  ['_score', ['1']],
];

/** The query of a search, right or wrong, as it stands behind the question mark. */
export function randomQuery(random: Random, type: string): string {
  const pairs: string[] = [];
  const count = random.integer(1, random.chance(0.05) ? 40 : 4);
  for (let at = 0; at < count; at += 1) {
    const [name, value] = pair(random, type);
    const raw = random.chance(0.05);
    pairs.push(raw ? `${name}=${value}` : `${encode(name)}=${encode(value)}`);
  }
  return pairs.join(random.chance(0.03) ? ';' : '&');
}

/** A lone surrogate has no percent encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function pair(random: Random, type: string): readonly [string, string] {
  switch (random.integer(0, 15)) {
    case 0:
      return result(random);
    case 1:
      return ['_sort', list(random, () => `${random.pick(['', '-', '--'])}${code(random, type)}`)];
    case 2:
      return [
        `${random.pick(['_include', '_revinclude'])}${random.pick(['', ':iterate', ':x'])}`,
        include(random, type),
      ];
    case 3:
      return ['_filter', filter(random, type, 0)];
    case 4:
      return [has(random, type), values(random)];
    case 5:
      return chain(random, type);
    case 6:
      return [
        random.pick(random.chance(0.2) ? hostileTexts : ['_id', '_lastUpdated']),
        values(random),
      ];
    default:
      return test(random, type);
  }
}

/** A parameter with a modifier and a value that mostly fit its kind. */
function test(random: Random, type: string): readonly [string, string] {
  const name = code(random, type);
  const kind = searchParameters(type).get(name)?.kind ?? 'string';
  const wild = random.chance(0.08);
  const known = wild ? Object.values(modifiers).flat() : (modifiers[kind] ?? ['missing']);
  const suffix = random.chance(0.25) ? `:${random.pick(known)}` : '';
  if (suffix === ':missing') return [`${name}:missing`, random.pick(['true', 'false', 'x'])];
  return [`${name}${suffix}`, values(random, wild ? 'any' : kind)];
}

function result(random: Random): readonly [string, string] {
  const [name, known] = random.pick(results);
  return [name, random.pick(random.chance(0.06) ? hostileTexts : known)];
}

function code(random: Random, type: string): string {
  if (random.chance(0.01)) return random.pick(hostileTexts);
  return random.pick([...searchParameters(type).keys()]);
}

function list(random: Random, one: () => string): string {
  return Array.from({ length: random.integer(1, 3) }, one).join(',');
}

function values(random: Random, kind = 'any'): string {
  const known = fitting[kind];
  const ordered = kind === 'date' || kind === 'number' || kind === 'quantity';
  return list(random, () => {
    const hostile = random.chance(known === undefined ? 0.2 : 0.02);
    const text = random.pick(hostile ? hostileTexts : (known ?? plain));
    return random.chance(ordered ? 0.4 : 0.02) ? random.pick(prefixes) + text : text;
  });
}

function include(random: Random, type: string): string {
  if (random.chance(0.1)) return random.pick(['*', `${type}:*`, ':', '::', ...hostileTexts]);
  const from = random.chance(0.5) ? type : random.pick(allTypes);
  const target = random.chance(0.3) ? `:${random.pick(allTypes)}` : '';
  return `${from}:${code(random, from)}${target}`;
}

function has(random: Random, type: string): string {
  const [other, pointing] = pointer(random, type);
  const inner = random.chance(0.2) ? has(random, other) : code(random, other);
  return `_has:${other}:${pointing}:${inner}`;
}

/** A type that may point to this one, and by which parameter. */
function pointer(random: Random, type: string): readonly [string, string] {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const other = random.pick(allTypes);
    for (const [name, { targets }] of searchParameters(other)) {
      if (targets.includes(type)) return [other, name];
    }
  }
  return [random.pick(allTypes), code(random, type)];
}

function chain(random: Random, type: string): readonly [string, string] {
  const links = [...searchParameters(type)].filter(([, { targets }]) => targets.length > 0);
  if (links.length === 0) return test(random, type);
  const [name, { targets }] = random.pick(links);
  const other = random.pick(random.chance(0.9) ? targets : allTypes);
  const [inner, text] = random.chance(0.25) ? chain(random, other) : test(random, other);
  return [`${name}${random.chance(0.8) ? `:${other}` : ''}.${inner}`, text];
}

function filter(random: Random, type: string, depth: number): string {
  if (depth < 4 && random.chance(0.4)) {
    const [a, b] = [filter(random, type, depth + 1), filter(random, type, depth + 1)];
    return random.pick([`${a} and ${b}`, `(${a}) or ${b}`, `not (${a})`, `not(${a} or ${b})`, a]);
  }
  const [tested, text] = random.chance(0.8) ? test(random, type) : chain(random, type);
  const name = random.chance(0.95) ? tested.replaceAll(':', '') : 'given[family eq x].use';
  const word = random.pick(random.chance(0.9) ? filterNames : moreNames);
  return `${name} ${word} ${random.chance(0.5) ? JSON.stringify(text) : text}`;
}
