import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { narrower, refuseCostly } from './budget.ts';
import { openedInOrder } from './opened.ts';
import type { SearchAsked } from './page.ts';
import { partOf } from './part.ts';
import type { Scope } from './scope.ts';

/** Inside a search, before its statement is made. */
export type Settling = {
  readonly asked: SearchAsked;
  readonly tx: Transaction;
  readonly scope: Scope;
};

/** The records of a type, within the caller's reach, whose content answers the settled clause. */
export async function idsMatching(
  { asked, tx, scope }: Settling,
  type: string,
  clause: Clause,
): Promise<string[]> {
  const query: SearchQuery = { ...asked.query, type, sort: [] };
  const walk = { asked, tx, query, parts: [partOf(scope, type, [clause])] };
  const ids: string[] = [];
  const ranOut = () => refuseCostly(`The part of the search over ${type}`, narrower);
  for await (const { found, matches } of openedInOrder(walk, undefined, ranOut)) {
    if (matches) ids.push(found.stored.id);
  }
  return ids;
}
