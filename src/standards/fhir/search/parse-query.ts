import { searchParameters } from './parameter.ts';
import { parseClause } from './parse-chain.ts';
import type { Budget } from './parse-clause.ts';
import { readResultParameter } from './parse-result.ts';
import type { SearchQuery } from './search-query.ts';
import { type SearchIssue, SearchRefused, shortName } from './search-refused.ts';

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
};
type Pairs = readonly (readonly [name: string, value: string])[];

/**
 * Reads the decoded name=value pairs of a search over one R4 type (R4 search.html) and throws
 * `SearchRefused` with every mistake in it at once. Pairs of the same name are all required, commas
 * are alternatives.
 */
export function parseSearch(type: string, pairs: Pairs, options: SearchOptions): SearchQuery {
  checkBounds(type, pairs);
  const query = emptyQuery(type);
  const budget: Budget = { values: maxLookups, ...(options.own && { own: options.own }) };
  const seen = new Set<string>();
  const issues: SearchIssue[] = [];
  for (const [name, value] of pairs) {
    try {
      if (!readResultParameter({ query, name, value }, seen)) {
        query.where.push(parseClause(type, name, value, { budget, links: 0 }));
      }
      if (name === '_count') query.used.push([name, String(query.count)]);
      else if (name !== '_cursor') query.used.push([name, value]);
    } catch (error) {
      if (!(error instanceof SearchRefused)) throw error;
      if (options.lenient && error.unknown) query.ignored.push(shortName(name));
      else issues.push(...error.issues.map((issue) => ({ ...issue, expression: shortName(name) })));
    }
  }
  if (issues.length > 0) throw new SearchRefused(issues);
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

function checkBounds(type: string, pairs: Pairs): void {
  const issues: SearchIssue[] = [];
  if (searchParameters(type).size === 0) {
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
