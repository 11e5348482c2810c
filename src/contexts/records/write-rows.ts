import {
  byteaArray,
  float8Array,
  int2Array,
  int4Array,
  int8Array,
  textArray,
} from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { IndexRows } from './index-rows.ts';

/** One record's new current version. */
export type NewVersion = {
  row: bigint;
  self: bigint;
  subject: bigint;
  present: bigint;
  version: number;
  type: number;
  method: number;
  deleted: boolean;
  id: string;
  sealed: Buffer;
};

export type RowsOf = { row: bigint; rows: IndexRows };

/** A record another transaction made meanwhile is a unique violation (23505). */
export function insertRecords(tx: Transaction, made: readonly NewVersion[], now: Date) {
  return tx.run(sql`
    insert into records.resource (row, self, subject, present, version, type, method, deleted, id,
           sealed, updated_at, tenant)
    select u.*, ${now.toISOString()}::timestamptz, ${tx.tenant}::int4
      from unnest(${int8Array(made.map((one) => one.row))}::int8[],
                  ${int8Array(made.map((one) => one.self))}::int8[],
                  ${int8Array(made.map((one) => one.subject))}::int8[],
                  ${int8Array(made.map((one) => one.present))}::int8[],
                  ${int4Array(made.map((one) => one.version))}::int4[],
                  ${int2Array(made.map((one) => one.type))}::int2[],
                  ${int2Array(made.map((one) => one.method))}::int2[],
                  array_fill(false, array[${made.length}::int4]),
                  ${textArray(made.map((one) => one.id))}::text[],
                  ${byteaArray(made.map((one) => one.sealed))}::bytea[]) u`);
}

/** The current versions become history, then the new ones take their place. Rows are locked. */
export async function replaceRecords(tx: Transaction, made: readonly NewVersion[], now: Date) {
  const selves = int8Array(made.map((one) => one.self));
  const [, replaced] = await Promise.all([
    tx.run(sql`
      insert into records.version (row, subject, updated_at, tenant, version, type, method, deleted,
             sealed)
      select row, subject, updated_at, tenant, version, type, method, deleted, sealed
        from records.resource where self = any(${selves}::int8[])`),
    tx.run(sql`
      update records.resource r
         set subject = u.subject, present = u.present, version = u.version, method = u.method,
             deleted = u.deleted, sealed = u.sealed, updated_at = ${now.toISOString()}::timestamptz
        from unnest(${selves}::int8[],
                    ${int8Array(made.map((one) => one.subject))}::int8[],
                    ${int8Array(made.map((one) => one.present))}::int8[],
                    ${int4Array(made.map((one) => one.version))}::int4[],
                    ${int2Array(made.map((one) => one.method))}::int2[],
                    ${int2Array(made.map((one) => Number(one.deleted)))}::int2[]::int4[]::bool[],
                    ${byteaArray(made.map((one) => one.sealed))}::bytea[])
             as u (self, subject, present, version, method, deleted, sealed)
       where r.self = u.self`),
  ]);
  if (replaced !== made.length) throw new Error('a locked record was not there to be replaced');
}

/** Statements for the tables that have rows; nothing is sent for the others. */
export async function insertIndexRows(tx: Transaction, all: readonly RowsOf[]): Promise<void> {
  const sent: Promise<unknown>[] = [];
  const tokens = flatten(all, 'tokens');
  if (tokens.rows.length > 0) {
    sent.push(
      tx.run(sql`insert into records.token (hash, row, system, tenant)
        select u.*, ${tx.tenant}::int4
          from unnest(${int8Array(tokens.values.map((one) => one.hash))}::int8[],
                      ${int8Array(tokens.rows)}::int8[],
                      ${int4Array(tokens.values.map((one) => one.system))}::int4[]) u`),
    );
  }
  const references = flatten(all, 'references');
  if (references.rows.length > 0) {
    sent.push(
      tx.run(sql`insert into records.reference (target, row, param, tenant)
        select u.*, ${tx.tenant}::int4
          from unnest(${int8Array(references.values.map((one) => one.target))}::int8[],
                      ${int8Array(references.rows)}::int8[],
                      ${int4Array(references.values.map((one) => one.param))}::int4[]) u`),
    );
  }
  sent.push(...insertRanges(tx, all));
  await Promise.all(sent);
}

function insertRanges(tx: Transaction, all: readonly RowsOf[]): Promise<unknown>[] {
  const sent: Promise<unknown>[] = [];
  const periods = flatten(all, 'periods');
  if (periods.rows.length > 0) {
    sent.push(
      tx.run(sql`insert into records.period (key, low, high, row, tenant)
        select u.key, to_timestamp(u.low / 1000), to_timestamp(u.high / 1000), u.row,
               ${tx.tenant}::int4
          from unnest(${int8Array(periods.values.map((one) => one.key))}::int8[],
                      ${float8Array(periods.values.map((one) => one.low))}::float8[],
                      ${float8Array(periods.values.map((one) => one.high))}::float8[],
                      ${int8Array(periods.rows)}::int8[]) as u (key, low, high, row)`),
    );
  }
  const quantities = flatten(all, 'quantities');
  if (quantities.rows.length > 0) {
    sent.push(
      tx.run(sql`insert into records.quantity (key, low, high, row, unit, code, tenant)
        select u.*, ${tx.tenant}::int4
          from unnest(${int8Array(quantities.values.map((one) => one.key))}::int8[],
                      ${float8Array(quantities.values.map((one) => one.low))}::float8[],
                      ${float8Array(quantities.values.map((one) => one.high))}::float8[],
                      ${int8Array(quantities.rows)}::int8[],
                      ${int4Array(quantities.values.map((one) => one.unit))}::int4[],
                      ${int4Array(quantities.values.map((one) => one.code))}::int4[]) u`),
    );
  }
  return sent;
}

/** Rows are found by their own values, so no index by record is needed to take them away. */
export async function deleteIndexRows(tx: Transaction, all: readonly RowsOf[]): Promise<void> {
  const sent: Promise<unknown>[] = [];
  const tokens = flatten(all, 'tokens');
  if (tokens.rows.length > 0) {
    sent.push(
      tx.run(sql`delete from records.token t
        using unnest(${int8Array(tokens.values.map((one) => one.hash))}::int8[],
                     ${int8Array(tokens.rows)}::int8[],
                     ${int4Array(tokens.values.map((one) => one.system))}::int4[])
              as u (hash, row, system)
        where t.hash = u.hash and t.row = u.row and t.system = u.system`),
    );
  }
  const references = flatten(all, 'references');
  if (references.rows.length > 0) {
    sent.push(
      tx.run(sql`delete from records.reference t
        using unnest(${int8Array(references.values.map((one) => one.target))}::int8[],
                     ${int8Array(references.rows)}::int8[],
                     ${int4Array(references.values.map((one) => one.param))}::int4[])
              as u (target, row, param)
        where t.target = u.target and t.param = u.param and t.row = u.row`),
    );
  }
  sent.push(...deleteRanges(tx, all));
  await Promise.all(sent);
}

/** A period or quantity of a record goes with all its equals: they differ in nothing searched. */
function deleteRanges(tx: Transaction, all: readonly RowsOf[]): Promise<unknown>[] {
  const sent: Promise<unknown>[] = [];
  const periods = flatten(all, 'periods');
  if (periods.rows.length > 0) {
    sent.push(
      tx.run(sql`delete from records.period t
        using unnest(${int8Array(periods.values.map((one) => one.key))}::int8[],
                     ${float8Array(periods.values.map((one) => one.low))}::float8[],
                     ${float8Array(periods.values.map((one) => one.high))}::float8[],
                     ${int8Array(periods.rows)}::int8[]) as u (key, low, high, row)
        where t.key = u.key and t.low = to_timestamp(u.low / 1000)
          and t.high = to_timestamp(u.high / 1000) and t.row = u.row`),
    );
  }
  const quantities = flatten(all, 'quantities');
  if (quantities.rows.length > 0) {
    sent.push(
      tx.run(sql`delete from records.quantity t
        using unnest(${int8Array(quantities.values.map((one) => one.key))}::int8[],
                     ${float8Array(quantities.values.map((one) => one.low))}::float8[],
                     ${float8Array(quantities.values.map((one) => one.high))}::float8[],
                     ${int8Array(quantities.rows)}::int8[],
                     ${int4Array(quantities.values.map((one) => one.unit))}::int4[],
                     ${int4Array(quantities.values.map((one) => one.code))}::int4[])
              as u (key, low, high, row, unit, code)
        where t.key = u.key and t.low = u.low and t.high = u.high and t.row = u.row
          and t.unit = u.unit and t.code = u.code`),
    );
  }
  return sent;
}

function flatten<Table extends keyof IndexRows>(all: readonly RowsOf[], table: Table) {
  const rows: bigint[] = [];
  const values: IndexRows[Table][number][] = [];
  for (const one of all) {
    for (const value of one.rows[table]) {
      rows.push(one.row);
      values.push(value);
    }
  }
  return { rows, values };
}
