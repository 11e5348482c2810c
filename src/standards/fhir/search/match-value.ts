import { birthDateMatches } from './birth-date.ts';
import type { IndexValue, QuantityValue, ReferenceValue, StringValue } from './index-value.ts';
import { dateMatches, quantityMatches } from './match.ts';
import { normalizeString } from './normalize.ts';
import type { SubstringClause, SubstringTest, UriBelowClause } from './opened-clause.ts';
import type {
  Clause,
  CompositeTest,
  QuantityTest,
  ReferenceTest,
  TokenTest,
} from './search-query.ts';
import { isBeneath } from './uri-path.ts';

/** Clauses that ask whether one value answers. */
export type ValueClause =
  | SubstringClause
  | UriBelowClause
  | Extract<
      Clause,
      { on: 'token' | 'string' | 'uri' | 'reference' | 'date' | 'birth-date' | 'quantity' }
    >
  | Extract<Clause, { on: 'canonical-below' }>;

/** Whether one index value answers, whatever parameter it stands under; `not` is the caller's. */
export function valueAnswers(value: IndexValue, clause: ValueClause): boolean {
  switch (clause.on) {
    case 'token':
      return value.kind === 'token' && clause.values.some((test) => isToken(value, test));
    case 'string': {
      if (value.kind !== 'string') return false;
      const exact = clause.modifier === 'exact';
      return clause.values.some((text) => (exact ? value.value === text : begins(value, text)));
    }
    case 'uri':
      return value.kind === 'uri' && clause.values.includes(value.value);
    case 'uri-below':
      return value.kind === 'uri' && clause.values.some((above) => isBeneath(value.value, above));
    case 'reference':
      return clause.values.some((test) => isTarget(value, test));
    case 'date':
      return value.kind === 'date' && clause.values.some((test) => dateMatches(test, value));
    case 'birth-date':
      return (
        value.kind === 'birth-date' &&
        clause.values.some((test) => birthDateMatches(test, value.value))
      );
    case 'quantity':
      return value.kind === 'quantity' && clause.values.some((test) => isAmount(value, test));
    case 'canonical-below':
      return clause.values.some((test) => isVersionBelow(canonicalText(value), test));
    case 'substring':
      return substringAnswers(value, clause);
  }
}

export function compositeAnswers(value: IndexValue, { token, then }: CompositeTest): boolean {
  if (value.kind !== 'composite') return false;
  const [first, second] = value.parts;
  if (first?.kind !== 'token' || second === undefined || !isToken(first, token)) return false;
  switch (then.on) {
    case 'token':
      return second.kind === 'token' && isToken(second, then.test);
    case 'string':
      return second.kind === 'string' && normalizeString(second.value).startsWith(then.value);
    case 'date':
      return second.kind === 'date' && dateMatches(then.test, second);
    case 'quantity':
      return second.kind === 'quantity' && isAmount(second, then.test);
    case 'reference':
      return isTarget(second, then.test);
  }
}

function isToken(value: { system: string; code: string }, test: TokenTest): boolean {
  return (
    (test.system === undefined || test.system === value.system) &&
    (test.code === undefined || test.code === value.code)
  );
}

/** Its beginning; of names and addresses the beginning of each of the first eight words as well. */
function begins({ value, words }: Pick<StringValue, 'value' | 'words'>, text: string): boolean {
  const normal = normalizeString(value);
  if (normal.startsWith(text)) return true;
  if (words !== true) return false;
  const later = normal.split(' ').slice(1, 8);
  return later.some((word) => word.startsWith(text));
}

function isTarget(value: IndexValue, test: ReferenceTest): boolean {
  if ('identifier' in test) return value.kind === 'token' && isToken(value, test.identifier);
  if (value.kind !== 'reference') return false;
  if ('url' in test) return value.url === test.url;
  return value.url === undefined && value.id === test.id && test.types.includes(value.type);
}

/** search.html#quantity: `||code` is the code or the unit as people write it. */
function isAmount(value: QuantityValue, test: QuantityTest): boolean {
  const { canonical } = test;
  if (canonical) {
    if (value.canonical?.unit !== canonical.unit) return false;
    return quantityMatches({ ...canonical, prefix: test.prefix }, value.canonical);
  }
  if (!quantityMatches(test, value)) return false;
  if (test.system !== undefined && value.system !== test.system) return false;
  if (test.code === undefined) return true;
  return value.code === test.code || (test.system === undefined && value.unit === test.code);
}

function canonicalText(value: IndexValue): string {
  if (value.kind === 'uri') return value.value;
  return (value.kind === 'reference' && value.url) || '';
}

function isVersionBelow(text: string, { url, version }: { url: string; version: string }): boolean {
  return text === `${url}|${version}` || text.startsWith(`${url}|${version}.`);
}

function substringAnswers(value: IndexValue, { kind, values }: SubstringClause): boolean {
  if (value.kind !== kind) return false;
  if (value.kind === 'string') {
    const normal = normalizeString(value.value);
    return values.some((test) => holdsIn(normal, test, value));
  }
  const text = (
    value.kind === 'uri' ? value.value : (value as { code: string }).code
  ).toLowerCase();
  return values.some((test) => holdsIn(text, { ...test, text: test.text.toLowerCase() }));
}

function holdsIn(text: string, test: SubstringTest, string?: StringValue): boolean {
  switch (test.at) {
    case 'anywhere':
      return text.includes(test.text);
    case 'start':
      return text.startsWith(test.text);
    case 'word':
      return string ? begins(string, test.text) : text.startsWith(test.text);
    case 'end':
      return text.endsWith(test.text);
    case 'whole':
      return text === test.text;
  }
}

/**
 * The parameters a clause's values stand under: `:identifier` is written under a name of its own.
 */
export function isUnder(value: IndexValue, clause: ValueClause): boolean {
  if (clause.params.includes(value.param)) return true;
  if (clause.on !== 'reference' || value.kind !== 'token') return false;
  return clause.params.some((param) => value.param === `${param}:identifier`);
}

export function references(values: readonly IndexValue[], params: readonly string[]) {
  return values.filter(
    (value): value is ReferenceValue => value.kind === 'reference' && params.includes(value.param),
  );
}
