import { int2Array, int8Array } from '../../platform/postgres/binary-array.ts';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { type Sql, sql } from '../../platform/postgres/sql.ts';
import type { Applied, Change } from './change.ts';
import { typeName, typeNumber } from './type-number.ts';

/** What one transaction changed of a type. */
export type CountChange = { type: number; live: number; versions: number };

/** Records that are not deleted, and versions of all records, of one type. */
export type Counted = { readonly live: number; readonly versions: number };

/**
 * Transactions a process writes for a tenant before it adds their rows up: a read of the sum meets
 * at most some thousand rows, 1 ms.
 */
const FOLD_EVERY = 128;

/** What the changes of a transaction make of the counts, by type. */
export function countChanges(
  changes: readonly Change[],
  applied: readonly Applied[],
): CountChange[] {
  const byType = new Map<string, CountChange>();
  for (const [index, { type, version, created }] of applied.entries()) {
    // A delete of what is not there made no version.
    if (version === undefined) continue;
    const one = byType.get(type) ?? { type: typeNumber(type), live: 0, versions: 0 };
    one.versions += 1;
    if (created) one.live += 1;
    else if (changes[index]?.deed === 'delete') one.live -= 1;
    byType.set(type, one);
  }
  return [...byType.values()];
}

/** The change as a row beside the records' own. */
export function insertCounts(tx: Transaction, changes: readonly CountChange[]): Promise<number> {
  return tx.run(sql`insert into records.count (tenant, type, live, versions)
    select ${tx.tenant}::int4, u.type, u.live, u.versions
      from unnest(${int2Array(changes.map((one) => one.type))}::int2[],
                  ${int8Array(changes.map((one) => BigInt(one.live)))}::int8[],
                  ${int8Array(changes.map((one) => BigInt(one.versions)))}::int8[])
           as u (type, live, versions)`);
}

/** Of the types given, or of all there are; a type without records may be absent. */
export async function countsOf(
  tx: Transaction,
  types?: readonly string[],
): Promise<Map<string, Counted>> {
  const among: Sql =
    types === undefined
      ? sql``
      : sql`and c.type = any(${int2Array(types.map(typeNumber))}::int2[])`;
  const rows = await tx.rows<{ type: number; live: bigint; versions: bigint }>(
    sql`select c.type, sum(c.live)::int8 as live, sum(c.versions)::int8 as versions
          from records.count c where c.tenant = ${tx.tenant}::int4 ${among} group by c.type`,
  );
  return new Map(
    rows.map(({ type, live, versions }) => [
      typeName(type),
      { live: Number(live), versions: Number(versions) },
    ]),
  );
}

/**
 * Adds a tenant's rows up, one for each type. Another fold at work keeps its rows; a reader sees
 * the rows as they were or as they are, never half.
 */
export function foldCounts(database: Database, tenant: number): Promise<number> {
  return database.transaction(tenant, (tx) =>
    tx.run(sql`
      with gone as (
        delete from records.count where ctid in (
          select ctid from records.count where tenant = ${tenant}::int4 for update skip locked)
        returning type, live, versions)
      insert into records.count (tenant, type, live, versions)
      select ${tenant}::int4, type, sum(live), sum(versions) from gone group by type`),
  );
}

/** Told of each transaction that changed counts; now and then adds them up, beside the work. */
export type CountFolder = { wrote(tenant: number): void };

export function openCountFolder(
  database: Database,
  failed: (tenant: number, error: unknown) => void,
): CountFolder {
  const written = new Map<number, number>();
  return {
    wrote(tenant) {
      const count = (written.get(tenant) ?? 0) + 1;
      if (count < FOLD_EVERY) {
        written.set(tenant, count);
        return;
      }
      written.delete(tenant);
      foldCounts(database, tenant).catch((error: unknown) => failed(tenant, error));
    },
  };
}
