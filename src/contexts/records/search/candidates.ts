import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { codesToWalk, rowsOfCodes } from './code-walk.ts';
import { type DateWalk, dateToWalk, inDateOrder, withoutDate } from './date-walk.ts';
import { directRows } from './direct-rows.ts';
import type { Found } from './page.ts';
import type { Part } from './part.ts';
import type { Scope } from './scope.ts';
import { sortPlan } from './sort.ts';
import {
  type CandidateRow,
  candidatesSql,
  foundFrom,
  ofRows,
  type Range,
  rowsInOrder,
} from './statement.ts';

export type Candidate = Found & { readonly held: number };

/** Whose candidates, in whose order. */
export type Asked = {
  readonly scope: Scope;
  readonly parts: readonly Part[];
  readonly query: SearchQuery;
};

/** At most `limit` candidates in the query's order, from `after` on. */
export async function candidates(
  tx: Transaction,
  asked: Asked,
  range: Range,
): Promise<Candidate[]> {
  const { parts, query } = asked;
  const [part, ...others] = parts;
  if (part === undefined) return [];
  const alone = others.length === 0;
  const date = alone ? dateToWalk(part.type, query) : undefined;
  if (date !== undefined) return byDate(tx, part, date, range);
  if (alone && query.sort.length === 0) return (await newest(tx, asked, range, 0)).found;
  const plan = sortPlan(query, part.type);
  const rows = await rowsOf(tx, candidatesSql(parts, query, range));
  return rows.map((row) => ({ ...foundFrom(row, plan), held: row.held }));
}

/** The statement a page begins with: without its count, and of a date's order the first part. */
export function pageStatement(asked: Asked, range: Range): Sql {
  const { scope, parts, query } = asked;
  const [part, ...others] = parts;
  if (part === undefined || others.length > 0) return candidatesSql(parts, query, range);
  const date = dateToWalk(part.type, query);
  if (date !== undefined) return inDateOrder(part, date, { ...range, after: undefined });
  if (query.sort.length > 0) return candidatesSql(parts, query, range);
  const codes = codesToWalk(scope, part);
  const rows =
    directRows(scope, part, range) ??
    (codes === undefined ? rowsInOrder(part, range) : rowsOfCodes(scope, part, codes, range));
  return ofRows(part, rows, range.limit);
}

/**
 * The first candidates of one type, unsorted, and in the same breath how many there are, as far as
 * `most`: undefined beyond.
 */
export async function newest(
  tx: Transaction,
  { scope, parts }: Asked,
  range: Range,
  most: number,
): Promise<{ found: Candidate[]; total: number | undefined }> {
  const [part] = parts;
  if (part === undefined) return { found: [], total: 0 };
  const { after, limit } = range;
  const walked = { after, limit: Math.max(limit, most + 1) };
  const found = await rowsFound(tx, scope, part, { walked, limit });
  const counted = Number(found[0]?.counted ?? 0n);
  const total = counted > most ? undefined : counted;
  return { found: found.map((row) => candidateFrom(row, [])), total };
}

async function rowsFound(
  tx: Transaction,
  scope: Scope,
  part: Part,
  { walked, limit }: { walked: Range; limit: number },
): Promise<CandidateRow[]> {
  const direct = directRows(scope, part, walked);
  // Not `fresh`: planned once for all of its kind.
  if (direct !== undefined) return tx.rows<CandidateRow>(ofRows(part, direct, limit));
  const codes = codesToWalk(scope, part);
  if (codes === undefined) return rowsOf(tx, ofRows(part, rowsInOrder(part, walked), limit));
  return walking(tx, ofRows(part, rowsOfCodes(scope, part, codes, walked), limit));
}

/**
 * The planner thinks that a code has few records, as most have, and would sort them all: it is told
 * to walk the index, whose order is the one asked for. The settings travel with the statement.
 */
async function walking(tx: Transaction, statement: Sql): Promise<CandidateRow[]> {
  const [, , rows] = await Promise.all([
    tx.run(sql`set local enable_bitmapscan = off`),
    tx.run(sql`set local enable_sort = off`),
    rowsOf(tx, statement),
    tx.run(sql`set local enable_bitmapscan = on`),
    tx.run(sql`set local enable_sort = on`),
  ]);
  return rows;
}

async function byDate(
  tx: Transaction,
  part: Part,
  date: DateWalk,
  { after, limit }: Range,
): Promise<Candidate[]> {
  // '' says that the last page ended among those without the date.
  const ended = after?.keys[0] === '';
  const first = ended ? [] : await rowsOf(tx, inDateOrder(part, date, { after, limit }));
  const found = first.map((row) => candidateFrom(row, [String(row.t0)]));
  if (found.length === limit) return found;
  const rest = { after: ended ? after : undefined, limit: limit - found.length };
  const last = await rowsOf(tx, withoutDate(part, date, rest));
  return [...found, ...last.map((row) => candidateFrom(row, ['']))];
}

function rowsOf(tx: Transaction, statement: Sql): Promise<CandidateRow[]> {
  return tx.rows<CandidateRow>(fresh(sql`${statement}`));
}

function candidateFrom(row: CandidateRow, keys: string[]): Candidate {
  const { stored } = foundFrom(row, { keys: [], columns: sql``, texts: sql`` });
  return { stored, held: row.held, after: { keys, row: String(row.row) } };
}
