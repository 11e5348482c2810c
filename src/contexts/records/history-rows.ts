import { int2Array, int8Array } from '../../platform/postgres/binary-array.ts';
import { type Sql, sql } from '../../platform/postgres/sql.ts';
import { type StoredRow, storedColumns, versionColumns } from './stored.ts';
import { typeNumber } from './type-number.ts';
import { instant } from './version-as-of.ts';

/** A version as a history shows it. `created`: there was no live record before it. */
export type HistoryRow = StoredRow & { created: boolean };

/** Where a page goes on: after this version. */
export type After = { readonly at: string; readonly row: string; readonly version: number };

/** A type in the caller's reach; `own`: only versions that were this subject's when written. */
export type Reached = { readonly type: string; readonly own: bigint | undefined };

export type Among = {
  readonly reached: readonly Reached[];
  /** One record's versions only. */
  readonly self: bigint | undefined;
  readonly since: Date | undefined;
  readonly at: { readonly from: Date; readonly until: Date } | undefined;
};

/**
 * Newest first. Each type is walked down its own index and gives a page at most, so that a history
 * of all types reads as little as one of a type.
 */
export function historyPage(among: Among, after: After | undefined, limit: number): Sql {
  return sql`with found as materialized (
      select t.type, k.* from ${typesOf(among)} cross join lateral (
        (select r.row, r.version, r.updated_at, false as old from records.resource r
          where ${currents(among, after)} order by r.updated_at desc, r.row desc
          limit ${limit}::int8)
        union all
        (select v.row, v.version, v.updated_at, true as old from records.version v
          where ${superseded(among, after)}
          order by v.updated_at desc, v.row desc, v.version desc limit ${limit}::int8)) k
      order by k.updated_at desc, k.row desc, k.version desc limit ${limit}::int8)
    select ${storedColumns}, ${created} from found k
      join records.resource r on r.type = k.type and r.row = k.row where not k.old
    union all
    select ${versionColumns}, ${created} from found k
      join records.version v on v.row = k.row and v.version = k.version
      join records.resource r on r.type = k.type and r.row = k.row where k.old
    order by updated_at desc, row desc, version desc`;
}

/** How many versions; undefined in its `total` when there are more than `most`. */
export function historyCount(among: Among, most: number): Sql {
  return sql`select count(*) as total from (
      select from ${typesOf(among)} cross join lateral (
        (select from records.resource r where ${currents(among, undefined)}
          limit ${most + 1}::int8)
        union all
        (select from records.version v where ${superseded(among, undefined)}
          limit ${most + 1}::int8)) k
      limit ${most + 1}::int8) counted`;
}

const created = sql`(k.version = 1 or exists (select from records.version p
  where p.row = k.row and p.version = k.version - 1 and p.deleted)) as created`;

function typesOf({ reached }: Among): Sql {
  return sql`unnest(${int2Array(reached.map((one) => typeNumber(one.type)))}::int2[],
    ${int8Array(reached.map((one) => one.own ?? EVERYONE))}::int8[]) as t (type, own)`;
}

/** No subject has this number: a blind hash is never 0, and 0 is nobody's. */
const EVERYONE = 0n;

function currents(among: Among, after: After | undefined): Sql {
  const { self, since, at } = among;
  return sql`r.type = t.type and (t.own = 0 or r.subject = t.own)
    ${self === undefined ? sql`` : sql`and r.self = ${self}::int8`}
    ${since === undefined ? sql`` : sql`and r.updated_at >= ${instant(since)}`}
    ${at === undefined ? sql`` : sql`and r.updated_at < ${instant(at.until)}`}
    ${after === undefined ? sql`` : sql`and (r.updated_at, r.row, r.version) < ${place(after)}`}`;
}

function superseded(among: Among, after: After | undefined): Sql {
  const { self, since, at } = among;
  const one = sql`and v.row = (select o.row from records.resource o where o.self = ${self}::int8)`;
  return sql`v.type = t.type and (t.own = 0 or v.subject = t.own)
    ${self === undefined ? sql`` : one}
    ${since === undefined ? sql`` : sql`and v.updated_at >= ${instant(since)}`}
    ${
      at === undefined
        ? sql``
        : sql`and v.updated_at < ${instant(at.until)} and ${until}
        > ${instant(at.from)}`
    }
    ${after === undefined ? sql`` : sql`and (v.updated_at, v.row, v.version) < ${place(after)}`}`;
}

/** When the version after it came, and it was no longer current. */
const until = sql`coalesce(
  (select n.updated_at from records.version n where n.row = v.row and n.version = v.version + 1),
  (select n.updated_at from records.resource n where n.type = v.type and n.row = v.row))`;

function place({ at, row, version }: After): Sql {
  return sql`(${at}::timestamptz, ${row}::int8, ${version}::int4)`;
}
