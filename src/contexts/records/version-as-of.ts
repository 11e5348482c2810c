import type { Transaction } from '../../platform/postgres/database.ts';
import { type Sql, sql } from '../../platform/postgres/sql.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { type Stored, type StoredRow, storedFrom, versionColumns } from './stored.ts';

/** Not as text, which PostgreSQL writes otherwise before the year 1 and after 9999. */
export function instant(at: Date): Sql {
  return sql`to_timestamp(${at.getTime()}::float8 / 1000)`;
}

/** A record's version at an instant: also one that says it was deleted. */
export async function versionAsOf(
  tx: Transaction,
  self: bigint,
  at: Date,
): Promise<Stored | undefined> {
  const since = instant(at);
  const row = await tx.row<StoredRow>(sql`
    select ${versionColumns} from records.resource r,
      lateral (
        (select r.row, r.subject, r.version, r.updated_at, r.method, r.deleted, r.sealed
          where r.updated_at <= ${since})
        union all
        (select o.row, o.subject, o.version, o.updated_at, o.method, o.deleted, o.sealed
           from records.version o where o.row = r.row and o.updated_at <= ${since}
          order by o.version desc limit 1)
        order by version desc limit 1) v
     where r.self = ${self}::int8`);
  return row === undefined ? undefined : storedFrom(row);
}

/** `_asOf` of a read; undefined when not asked. */
export function asOfFrom(
  pairs: readonly (readonly [string, string])[],
  now: Date,
): Date | undefined {
  const value = pairs.find(([name]) => name === '_asOf')?.[1];
  if (value === undefined) return undefined;
  // A plus sign of a time zone that a URL decoder turned into a space is a plus sign.
  const text = value.replace(/ (?=\d\d:\d\d$)/, '+');
  const at = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (at <= now.getTime()) return new Date(at);
  return refuse(kinds.badRequest, '_asOf takes an instant that has passed: 2024-05-01T10:00:00Z.');
}
