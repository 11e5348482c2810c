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

/** Counted on the first page without being asked: so much costs under a millisecond. */
const COUNTED_UNASKED = 100;

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
  if (query.summary === 'count') {
    return { found: [], more: false, total: await countOf(tx, where, Number.POSITIVE_INFINITY) };
  }
  const rows = await tx.rows<PageRow>(fresh(pageSql(where, plan, asked)));
  const more = rows.length > asked.count;
  const found = rows.slice(0, asked.count).map((row) => foundFrom(row, plan));
  return { found, more, total: await totalOf(asked, tx, where, { found, more }) };
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

/** A first page that holds all says so for nothing; otherwise what was asked, or a little. */
async function totalOf(
  { query, after, count }: SearchAsked,
  tx: Transaction,
  where: Sql,
  page: Pick<Page, 'found' | 'more'>,
): Promise<number | undefined> {
  if (after === undefined && !page.more && count > 0) return page.found.length;
  if (query.total !== 'none') return countOf(tx, where, Number.POSITIVE_INFINITY);
  return after === undefined ? countOf(tx, where, COUNTED_UNASKED) : undefined;
}

/** undefined: there are more than the limit. */
async function countOf(tx: Transaction, where: Sql, limit: number): Promise<number | undefined> {
  const all = limit === Number.POSITIVE_INFINITY;
  const counted = all
    ? sql`select count(*) as total from records.resource r where ${where}`
    : sql`select count(*) as total from (
        select from records.resource r where ${where} limit ${limit + 1}::int8) q`;
  const total = Number((await tx.row<{ total: bigint }>(fresh(counted)))?.total ?? 0n);
  return total > limit ? undefined : total;
}
