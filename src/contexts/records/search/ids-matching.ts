import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, sql } from '../../../platform/postgres/sql.ts';
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
  const walk = { asked, tx, plan: { scope, query, parts: [partOf(scope, type, [clause])] } };
  const ids: string[] = [];
  const ranOut = () => refuseCostly(`The part of the search over ${type}`, narrower);
  for await (const { found, matches } of openedInOrder(walk, undefined, ranOut)) {
    if (matches) ids.push(found.stored.id);
  }
  return ids;
}

/**
 * Records named one by one: with a hundred records pointing at each of them, finding all of those
 * costs as much as asking ten thousand candidates where they point.
 */
const FEW = 128;

/** The records of a type, within the caller's reach, that rows find; undefined: more than a few. */
export async function fewIds(
  { tx, scope }: Settling,
  type: string,
  clause: Clause,
): Promise<string[] | undefined> {
  const { where } = partOf(scope, type, [clause]);
  const rows = await tx.rows<{ id: string }>(
    fresh(sql`select r.id from records.resource r where ${where} limit ${FEW + 1}::int8`),
  );
  return rows.length > FEW ? undefined : rows.map(({ id }) => id);
}
