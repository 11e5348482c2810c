import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { type StoredRow, storedColumns, storedFrom } from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import { allOf } from './clause-sql.ts';
import type { Found, Page, SearchAsked } from './page.ts';
import { scopeOf } from './reach.ts';
import type { Scope } from './scope.ts';
import { afterSql, orderOf, type SortPlan, sortPlan, storeCanSort } from './sort.ts';
import { sortOpened } from './sort-opened.ts';
import { requireVisible } from './visible.ts';

/** Counted on the first page without being asked: so much costs about a millisecond. */
const COUNTED_UNASKED = 1000;

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
