import type { Hasher } from '#phi';
import { int2Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { typeName, typeNumber } from '../type-number.ts';

/** Rows of one type that have to be written for what is stored already. */
export type Reindex = {
  readonly type: string;
  /** 0n: all rows; else `whatOf` a tenant's own parameter. */
  readonly what: bigint;
  readonly reached: bigint;
  readonly done: number;
  readonly ended: boolean;
};

/**
 * Seconds until a new parameter's records are gone through: by then every process indexes what it
 * writes by it, and no write can slip between.
 */
const SETTLED_SECONDS = 3;

export function whatOf(hash: Hasher, type: string, param: string): bigint {
  return hash('search parameter', `${type}.${param}`) || 1n;
}

type ReindexRow = { type: number; what: bigint; reached: bigint; done: bigint; ended: boolean };

export async function reindexesOf(tx: Transaction): Promise<Reindex[]> {
  const rows = await tx.rows<ReindexRow>(
    sql`select type, what, reached, done, ended_at is not null as ended from records.reindex`,
  );
  return rows.map(({ type, done, ...row }) => ({
    ...{ ...row, type: typeName(type), done: Number(done) },
  }));
}

/** Parameters that came are noted, those that went forgotten: if they return, all begins anew. */
export async function noteParameters(
  tx: Transaction,
  hash: Hasher,
  parameters: readonly { type: string; param: string }[],
): Promise<void> {
  const types = int2Array(parameters.map(({ type }) => typeNumber(type)));
  const whats = int8Array(parameters.map(({ type, param }) => whatOf(hash, type, param)));
  await Promise.all([
    tx.run(sql`delete from records.reindex r where r.what <> 0 and not exists (
      select from unnest(${types}::int2[], ${whats}::int8[]) as u (type, what)
       where u.type = r.type and u.what = r.what)`),
    tx.run(sql`insert into records.reindex (tenant, type, what, begins_at)
      select ${tx.tenant}::int4, u.type, u.what,
             clock_timestamp() + ${SETTLED_SECONDS}::int4 * interval '1 second'
        from unnest(${types}::int2[], ${whats}::int8[]) as u (type, what)
      on conflict do nothing`),
  ]);
}

/** Begins anew. */
export async function restart(
  tx: Transaction,
  which: readonly { type: string; what: bigint }[],
): Promise<void> {
  await tx.run(sql`update records.reindex r set reached = 0, done = 0, ended_at = null
    from unnest(${int2Array(which.map(({ type }) => typeNumber(type)))}::int2[],
                ${int8Array(which.map(({ what }) => what))}::int8[]) as u (type, what)
   where r.type = u.type and r.what = u.what`);
}
