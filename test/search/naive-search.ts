import { birthDateMatches } from '../../src/standards/fhir/search/birth-date.ts';
import { extractIndex } from '../../src/standards/fhir/search/extract.ts';
import type {
  IndexValue,
  QuantityValue,
  ReferenceValue,
  StringValue,
} from '../../src/standards/fhir/search/index-value.ts';
import { dateMatches, quantityMatches } from '../../src/standards/fhir/search/match.ts';
import { matchesClause } from '../../src/standards/fhir/search/matches-clause.ts';
import { normalizeString } from '../../src/standards/fhir/search/normalize.ts';
import { searchParameters } from '../../src/standards/fhir/search/parameter.ts';
import { pointsTo } from '../../src/standards/fhir/search/reference-text.ts';
import type {
  Clause,
  CompositeTest,
  QuantityTest,
  ReferenceTest,
  TokenTest,
} from '../../src/standards/fhir/search/search-query.ts';

export type NaiveResource = { resourceType: string; id: string } & Record<string, unknown>;
export type NaiveRecord = {
  type: string;
  id: string;
  resource: NaiveResource;
  values: IndexValue[];
  updatedAt: number;
};

/** Every record in memory, every clause asked of every record: slow, and plainly R4 search.html. */
export class NaiveSearch {
  readonly records: NaiveRecord[];
  readonly #own: string;

  constructor(resources: readonly NaiveResource[], own: string, updatedAt: (id: string) => number) {
    this.#own = own;
    this.records = resources.map((resource) => ({
      ...{ type: resource.resourceType, id: resource.id, resource },
      values: extractIndex(resource, own),
      updatedAt: updatedAt(resource.id),
    }));
  }

  find(type: string, where: readonly Clause[]): NaiveRecord[] {
    return this.records.filter(
      (one) => one.type === type && where.every((clause) => this.holds(one, clause)),
    );
  }

  holds(one: NaiveRecord, clause: Clause): boolean {
    switch (clause.on) {
      case 'id':
        return clause.ids.includes(one.id) !== clause.not;
      case 'updated': {
        const instant = { low: one.updatedAt, high: one.updatedAt };
        return clause.ranges.some((test) => dateMatches(test, instant));
      }
      case 'all-of-one':
        return clause.values.some((parts) => parts.every((part) => this.holds(one, part)));
      case 'missing':
        return clause.params.some((param) => has(one, param)) !== clause.missing;
      case 'chain':
        return clause.alternatives.some(({ target, then }) =>
          references(one, clause.params).some((to) =>
            this.records.some((other) => isAt(other, target, to) && this.holds(other, then)),
          ),
        );
      case 'has':
        return this.records.some(
          (other) =>
            other.type === clause.source &&
            references(other, clause.params).some((to) => isAt(one, one.type, to)) &&
            this.holds(other, clause.then),
        );
      case 'composite':
        return clause.values.some((test) => pairHolds(one, clause.param, test));
      case 'token':
      case 'string':
      case 'uri':
      case 'reference':
      case 'date':
      case 'birth-date':
      case 'quantity':
        return valueHolds(one, clause);
      case 'and':
        return clause.clauses.every((each) => this.holds(one, each));
      case 'or':
        return clause.clauses.some((each) => this.holds(one, each));
      case 'not':
        return !this.holds(one, clause.clause);
      default:
        // What only content decides: one reading of it, whose own tests state the rules.
        return matchesClause(one.resource, clause, { own: this.#own });
    }
  }
}

type Plain = Extract<
  Clause,
  { on: 'token' | 'string' | 'uri' | 'reference' | 'date' | 'birth-date' | 'quantity' }
>;

function valueHolds(one: NaiveRecord, clause: Plain): boolean {
  const found = one.values.some((value) => {
    // :identifier is written under a name of its own.
    if (clause.on === 'reference' && value.kind === 'token') {
      const named = clause.params.some((param) => value.param === `${param}:identifier`);
      return (
        named &&
        clause.values.some((test) => 'identifier' in test && isToken(value, test.identifier))
      );
    }
    return clause.params.includes(value.param) && answers(value, clause);
  });
  const not = 'not' in clause ? clause.not : 'modifier' in clause && clause.modifier === 'not';
  return found !== not;
}

function answers(value: IndexValue, clause: Plain): boolean {
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
    case 'reference':
      return value.kind === 'reference' && clause.values.some((test) => isTarget(value, test));
    case 'date':
      return value.kind === 'date' && clause.values.some((test) => dateMatches(test, value));
    case 'birth-date':
      return (
        value.kind === 'birth-date' &&
        clause.values.some((test) => birthDateMatches(test, value.value))
      );
    case 'quantity':
      return value.kind === 'quantity' && clause.values.some((test) => isAmount(value, test));
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
  return (
    words === true &&
    normal
      .split(' ')
      .slice(0, 8)
      .some((word) => word.startsWith(text))
  );
}

function isTarget(value: ReferenceValue, test: ReferenceTest): boolean {
  if ('url' in test) return value.url === test.url;
  if ('identifier' in test) return false;
  return value.url === undefined && value.id === test.id && test.types.includes(value.type);
}

/** search.html#quantity: `||code` is the code or the unit as people write it. */
function isAmount(value: QuantityValue, test: QuantityTest): boolean {
  if (test.canonical !== undefined) {
    const { canonical } = value;
    const comparable = canonical?.unit === test.canonical.unit;
    return comparable && quantityMatches({ ...test, ...test.canonical }, canonical);
  }
  if (!quantityMatches(test, value)) return false;
  if (test.code === undefined) return true;
  if (test.system === undefined) return value.code === test.code || value.unit === test.code;
  return value.system === test.system && value.code === test.code;
}

function pairHolds(one: NaiveRecord, param: string, { token, then }: CompositeTest): boolean {
  return one.values.some((value) => {
    if (value.kind !== 'composite' || value.param !== param) return false;
    const [first, second] = value.parts;
    if (first?.kind !== 'token' || second === undefined || !isToken(first, token)) return false;
    return secondHolds(second, then);
  });
}

function secondHolds(second: IndexValue, then: CompositeTest['then']): boolean {
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
      return second.kind === 'reference' && isTarget(second, then.test);
  }
}

function has(one: NaiveRecord, param: string): boolean {
  const { target, covers = [] } = searchParameters(one.type).get(param) ?? {};
  const own = [param, `${param}:identifier`];
  if (target === undefined) return one.values.some((value) => own.includes(value.param));
  return one.values.some(
    (value) =>
      value.kind === 'reference' && covers.includes(value.param) && pointsTo(value, target),
  );
}

function references(one: NaiveRecord, params: readonly string[]): ReferenceValue[] {
  return one.values.filter(
    (value) => value.kind === 'reference' && params.includes(value.param),
  ) as ReferenceValue[];
}

function isAt(one: NaiveRecord, type: string, to: ReferenceValue): boolean {
  return one.type === type && to.url === undefined && to.type === type && to.id === one.id;
}
