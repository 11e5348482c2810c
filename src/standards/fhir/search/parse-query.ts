import type { Budget } from './budget.ts';
import { searchableTypes, searchParameters } from './parameter.ts';
import { parseClause } from './parse-chain.ts';
import { readResultParameter } from './parse-result.ts';
import { r4Registry, type SearchRegistry } from './registry.ts';
import type { Clause, SearchQuery } from './search-query.ts';
import { refuse, type SearchIssue, SearchRefused, shortName } from './search-refused.ts';

const maxPairs = 100;
/** Alternatives as written, commas in all values together. */
const maxAlternatives = 500;
/** UTF-16 units in all names and values; a URL of a browser ends at 32 KB. */
const maxLength = 65_536;
/** Look-ups after chains and bare ids are spread over the types they may mean. */
const maxLookups = 5_000;

export type SearchOptions = {
  /** `Prefer: handling=lenient`: parameters the type does not have are listed in `ignored`. */
  lenient: boolean;
  /** The store's base address without a slash at its end: references under it are relative ones. */
  own?: string;
  /** The tenant's parameters, if it defined any. */
  registry?: SearchRegistry;
  /**
   * ms since 1970: `ap` of a date reaches a tenth of the time between it and now (R4
   * search.html#prefix); without it a tenth of the date's own length.
   */
  now?: number;
  /**
   * R4 search.html#errors: "Empty parameters are not an error - they are just ignored"; they are
   * listed in `ignored`. Not where a criterion left out would choose other records to write.
   */
  ignoreEmpty?: boolean;
};
type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * Reads the decoded name=value pairs of a search over one R4 type (R4 search.html) and throws
 * `SearchRefused` with every mistake in it at once. Pairs of the same name are all required, commas
 * are alternatives.
 *
 * The type `Resource` is a search over several (R4 http.html#search, `[base]?_type=…`), all of them
 * without `_type`: the query has `types`. Each parameter must be one of each of the types; sorted
 * by `_id` or `_lastUpdated` only.
 */
export function parseSearch(type: string, pairs: Pairs, options: SearchOptions): SearchQuery {
  if (type === 'Resource') return parseSystemSearch(pairs, options);
  checkBounds(pairs, type);
  const query = emptyQuery(type);
  return read(query, pairs, options, (name, value, budget) => {
    query.where.push(parseClause(type, name, value, { budget, links: 0 }));
  });
}

function parseSystemSearch(pairs: Pairs, options: SearchOptions): SearchQuery {
  checkBounds(pairs);
  const query = emptyQuery('Resource');
  const types = typesOf(pairs, options).map((type) => ({ type, where: [] as Clause[] }));
  const rest = pairs.filter(
    ([name, value]) => name !== '_type' || (value === '' && options.ignoreEmpty),
  );
  const found = read(query, rest, options, (name, value, budget) => {
    // What every resource has means the same of each.
    const same = /^_(?!has:|filter$)/.test(name);
    let first: Clause | undefined;
    const clauses = types.map(({ type }) => {
      if (same && first !== undefined) return first;
      first = parseClause(type, name, value, { budget, links: 0 });
      return first;
    });
    for (const [at, { where }] of types.entries()) where.push(...clauses.slice(at, at + 1));
  });
  const named = pairs.filter((pair) => !rest.includes(pair));
  found.used.unshift(...named.map(([...pair]) => pair));
  return { ...found, types };
}

function typesOf(pairs: Pairs, { ignoreEmpty }: SearchOptions): readonly string[] {
  const given = pairs.filter(([name, value]) => name === '_type' && !(value === '' && ignoreEmpty));
  const asked = given.flatMap(([, value]) => value.split(','));
  if (given.length === 0) return searchableTypes();
  if (asked.some((type) => searchParameters(type).size === 0)) {
    return refuse('value', '_type', '_type takes R4 resource types, joined by commas.');
  }
  return [...new Set(asked)];
}

type ReadClause = (name: string, value: string, budget: Budget) => void;

function read(
  query: SearchQuery,
  pairs: Pairs,
  { own, now, registry = r4Registry, lenient, ignoreEmpty }: SearchOptions,
  readClause: ReadClause,
): SearchQuery {
  const budget: Budget = { values: maxLookups, registry, notes: [] };
  if (own !== undefined) budget.own = own;
  if (now !== undefined) budget.now = now;
  const seen = new Set<string>();
  const issues: SearchIssue[] = [];
  for (const [name, value] of pairs) {
    if (value === '' && ignoreEmpty) {
      query.ignored.push(shortName(name));
      continue;
    }
    try {
      if (!readResultParameter({ query, name, value, budget }, seen)) {
        readClause(name, value, budget);
      }
      if (name === '_count') query.used.push([name, String(query.count)]);
      else if (name !== '_cursor') query.used.push([name, value]);
    } catch (error) {
      if (!(error instanceof SearchRefused)) throw error;
      if (lenient && error.unknown) query.ignored.push(shortName(name));
      else issues.push(...error.issues.map((issue) => ({ ...issue, expression: shortName(name) })));
    }
  }
  if (issues.length > 0) throw new SearchRefused(issues);
  if (budget.notes.length > 0) query.limited = [...(query.limited ?? []), ...budget.notes];
  return query;
}

function emptyQuery(type: string): SearchQuery {
  return {
    type,
    where: [],
    sort: [],
    total: 'none',
    include: [],
    revinclude: [],
    summary: 'false',
    elements: [],
    explain: false,
    ignored: [],
    used: [],
  };
}

function checkBounds(pairs: Pairs, type?: string): void {
  const issues: SearchIssue[] = [];
  if (type !== undefined && searchParameters(type).size === 0) {
    issues.push({
      code: 'not-supported',
      text: 'The type is not an R4 resource that can be searched.',
    });
  }
  if (pairs.length > maxPairs) {
    issues.push({ code: 'too-costly', text: `A search has at most ${maxPairs} parameters.` });
  }
  const length = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > maxLength) {
    issues.push({ code: 'too-long', text: `A search has at most ${maxLength} characters.` });
  }
  const commas = pairs.reduce((sum, [, value]) => sum + value.split(',').length, 0);
  if (commas > maxAlternatives) {
    issues.push({
      code: 'too-costly',
      text: `A search has at most ${maxAlternatives} alternatives.`,
    });
  }
  if (issues.length > 0) throw new SearchRefused(issues);
}
