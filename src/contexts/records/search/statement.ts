import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { type StoredRow, storedColumns, storedFrom } from '../stored.ts';
import type { After, Found } from './page.ts';
import type { Part } from './part.ts';
import { afterSql, orderOf, type SortPlan, sortPlan } from './sort.ts';

export type CandidateRow = StoredRow & { held: number; counted?: bigint } & Record<
    `t${number}`,
    unknown
  >;

export type Range = { readonly after: After | undefined; readonly limit: number };

/** Candidates in the query's order, from `after` on; without a sort the newest record first. */
export function candidatesSql(parts: readonly Part[], query: SearchQuery, range: Range): Sql {
  const [only, ...others] = parts;
  if (only === undefined) return sql`select where false`;
  if (others.length === 0) return ofOneType(only, query, range);
  return ofTypes(parts, query, range);
}

function ofOneType(part: Part, query: SearchQuery, { after, limit }: Range): Sql {
  const plan = sortPlan(query, part.type);
  return sql`select q.*, ${plan.texts} from (
      select ${storedColumns}, ${part.held} as held, ${plan.columns}
        from records.resource r where ${part.where}) q
    where ${after === undefined ? sql`true` : afterSql(plan, after)}
    order by ${orderOf(plan)}, q.row desc limit ${limit}::int8`;
}

/** The rows of the newest records of a type. */
export function rowsInOrder(part: Part, { after, limit }: Range): Sql {
  const beyond = after === undefined ? sql`` : sql`and r.row < ${after.row}::int8`;
  return sql`select r.row from records.resource r where ${part.where} ${beyond}
    order by r.row desc limit ${limit}::int8`;
}

/** The first of the rows another statement tells, newest first, and how many it told. */
export function ofRows(part: Part, rows: Sql, limit: number): Sql {
  return sql`with c as materialized (${rows})
    select ${storedColumns}, ${part.held} as held, (select count(*) from c) as counted
      from (select c.row from c order by c.row desc limit ${limit}::int8) w
      join records.resource r on ${part.typed} and r.row = w.row order by w.row desc`;
}

/** Each type's first ones, then the first of all: a type's index gives them in order. */
function ofTypes(parts: readonly Part[], query: SearchQuery, { after, limit }: Range): Sql {
  const [first] = parts;
  if (first === undefined) return sql`select where false`;
  const plan = sortPlan(query, first.type);
  const order = sql`${orderOf(plan)}${plan.keys.length === 0 ? sql`` : sql`,`} q.row desc`;
  const branches = parts.map((part) => {
    const own = sortPlan(query, part.type);
    const columns = own.keys.length === 0 ? sql`` : sql`, ${own.columns}`;
    return sql`(select q.* from (
        select r.row, r.type, ${part.held} as held${columns}
          from records.resource r where ${part.where}) q
      where ${after === undefined ? sql`true` : afterSql(own, after)}
      order by ${order} limit ${limit}::int8)`;
  });
  const texts = plan.keys.length === 0 ? sql`` : sql`, ${plan.texts}`;
  return sql`select ${storedColumns}, q.held${texts} from (
      select q.* from (${join(branches, ' union all ')}) q order by ${order} limit ${limit}::int8) q
    join records.resource r on r.type = q.type and r.row = q.row order by ${order}`;
}

export function foundFrom(row: CandidateRow, plan: SortPlan): Found {
  const keys = plan.keys.map((_, index) => String(row[`t${index}`]));
  return { stored: storedFrom(pickStored(row)), after: { keys, row: String(row.row) } };
}

/** The other columns are of the page, not of the record. */
function pickStored(row: CandidateRow): StoredRow {
  const { row: number, self, subject, type, id, version } = row;
  const { updated_at, method, deleted, sealed, patient_id } = row;
  return {
    ...{ row: number, self, subject, type, id, version },
    ...{ updated_at, method, deleted, sealed, patient_id },
  };
}
