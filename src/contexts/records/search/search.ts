import type { Hasher } from '#phi';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { type Group, groups } from '../../../standards/fhir/sensitivity.ts';
import { isOwn, ownSubject, requireReach } from '../allow.ts';
import type { Store } from '../store.ts';
import { type Stored, type StoredRow, storedColumns, storedFrom } from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import { allOf, type Scope } from './clause-sql.ts';
import { afterSql, orderOf, type SortPlan, sortPlan, storeCanSort } from './sort.ts';
import { sortOpened } from './sort-opened.ts';
import { requireVisible } from './visible.ts';

/** Where the last page ended: its sort values as text, then its row. */
export type After = { readonly keys: readonly string[]; readonly row: string };

export type Found = { readonly stored: Stored; readonly after: After };

export type Page = {
  readonly found: readonly Found[];
  readonly more: boolean;
  /** How many match in all; undefined when not asked or above what is counted unasked. */
  readonly total: number | undefined;
};

/** Counted on the first page without being asked: so much costs about a millisecond. */
const COUNTED_UNASKED = 1000;

export type SearchAsked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly query: SearchQuery;
  readonly count: number;
  readonly after: After | undefined;
};

/** One page of a type's records, in the caller's reach on every alias the statement opens. */
export async function searchPage(asked: SearchAsked, tx: Transaction): Promise<Page> {
  const { query } = asked;
  const scope = await scopeOf(asked);
  requireSortable(scope, query);
  const where = sql`r.type = ${typeNumber(query.type)}::int2 and not r.deleted
    and ${scope.reach(query.type, 'r')}
    and ${allOf(scope, { type: query.type, alias: 'r', depth: 0 }, query.where)}`;
  if (!storeCanSort(query) && query.summary !== 'count') {
    return sortOpened(
      asked,
      tx,
      sql`select ${storedColumns} from records.resource r where ${where}`,
    );
  }
  const plan = sortPlan(query.summary === 'count' ? { ...query, sort: [] } : query);
  const counted = countLimit(asked);
  const [rows, total] = await Promise.all([
    query.summary === 'count' ? [] : tx.rows<PageRow>(fresh(pageSql(where, plan, asked))),
    counted === undefined ? undefined : tx.row<{ total: bigint }>(fresh(countSql(where, counted))),
  ]);
  const distinct = [...new Map(rows.map((row) => [row.row, row])).values()];
  const found = distinct.slice(0, asked.count).map((row) => foundFrom(row, plan));
  return { found, more: rows.length > asked.count, total: totalOf(asked, total?.total) };
}

function requireSortable(scope: Scope, { type, sort }: SearchQuery): void {
  const params = sort.flatMap((key) => key.params ?? [key.param]);
  requireVisible(scope.visible(type), type, params);
}

type PageRow = StoredRow & Record<`k${number}`, unknown>;

function foundFrom(row: PageRow, plan: SortPlan): Found {
  const keys = plan.keys.map((_, index) => String(row[`t${index}` as keyof PageRow]));
  return { stored: storedFrom(pickStored(row)), after: { keys, row: String(row.row) } };
}

/** The sort columns are of the page, not of the record. */
function pickStored(row: PageRow): StoredRow {
  const { row: number, self, subject, type, id, version } = row;
  const { updated_at, method, deleted, sealed, patient_id } = row;
  return {
    ...{ row: number, self, subject, type, id, version },
    ...{ updated_at, method, deleted, sealed, patient_id },
  };
}

function pageSql(where: Sql, plan: SortPlan, asked: SearchAsked): Sql {
  const fetch = asked.count + 1;
  if (plan.keys.length === 0) {
    const after = asked.after === undefined ? sql`` : sql`and r.row < ${asked.after.row}::int8`;
    return sql`select ${storedColumns} from records.resource r where ${where} ${after}
      order by r.row desc limit ${fetch}::int8`;
  }
  return sql`select q.*, ${plan.texts} from (
      select ${storedColumns}, ${plan.columns} from records.resource r where ${where}) q
    where ${asked.after === undefined ? sql`true` : afterSql(plan, asked.after)}
    order by ${orderOf(plan)}, q.row desc limit ${fetch}::int8`;
}

/** undefined: nothing is counted; Infinity: all. */
function countLimit({ query, after }: SearchAsked): number | undefined {
  if (query.summary === 'count' || query.total === 'accurate') return Number.POSITIVE_INFINITY;
  if (query.total === 'estimate') return Number.POSITIVE_INFINITY;
  return after === undefined ? COUNTED_UNASKED : undefined;
}

function countSql(where: Sql, limit: number): Sql {
  if (limit === Number.POSITIVE_INFINITY) {
    return sql`select count(*) as total from records.resource r where ${where}`;
  }
  return sql`select count(*) as total from (
    select from records.resource r where ${where} limit ${limit + 1}::int8) q`;
}

function totalOf(asked: SearchAsked, counted: bigint | undefined): number | undefined {
  if (counted === undefined) return undefined;
  const limit = countLimit(asked) ?? 0;
  return Number(counted) > limit ? undefined : Number(counted);
}

/** The caller's reach over every type, as predicates; 'own' compares with their own subject. */
export async function scopeOf({ store, caller, query }: Omit<SearchAsked, 'count' | 'after'>) {
  const hash: Hasher = await store.phi.hasher(caller.principal.tenant);
  requireReach({ store, caller, action: 'search', type: query.type });
  const own = (await ownSubject(store, caller)) ?? 0n;
  const { principal, purpose } = caller;
  const reachOf = (type: string) => store.access.reach(principal, 'search', type, purpose);
  const reach = (type: string, alias: string): Sql => {
    const { kind } = reachOf(type);
    if (kind === 'all') return sql`true`;
    if (kind === 'none' || own === 0n) return sql`false`;
    return sql`${{ text: `${alias}.subject`, values: [] }} = ${own}::int8`;
  };
  const visible = (type: string): ReadonlySet<Group> => {
    const found = reachOf(type);
    // A type out of reach has no rows for the caller: whatever is asked of it finds nothing.
    return found.kind === 'none' ? new Set(groups) : found.groups;
  };
  return { hash, reach, visible } satisfies Scope;
}

/** What of a record may be shown to the searcher; undefined: nothing. */
export async function visibleGroups(
  { store, caller }: { store: Store; caller: Caller },
  stored: Stored,
): Promise<{ groups: ReadonlySet<Group>; because: string } | undefined> {
  const own = await isOwn(store, caller, stored.subject);
  const { principal, purpose } = caller;
  const decision = store.access.decide(principal, 'search', stored.type, own, purpose);
  return decision.permit ? decision : undefined;
}
