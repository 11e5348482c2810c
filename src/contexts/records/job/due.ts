import type { Database, Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';

/** A tenant whose jobs somebody must look at, and the mark that says since when. */
export type Due = { tenant: number; mark: string };

/** Tenants looked at in one round; the rest follow in the next. */
const MOST = 100;

/** In the transaction that makes the job: whoever looks next finds it. */
export async function makeDue(tx: Transaction): Promise<void> {
  await tx.run(sql`insert into records.job_due (tenant, at) values (${tx.tenant}, clock_timestamp())
    on conflict (tenant) do update set at = excluded.at`);
}

export async function dueTenants(database: Database, now: Date): Promise<Due[]> {
  return database.transaction(0, (tx) =>
    tx.rows<Due>(sql`select tenant, at::text as mark from records.job_due
      where at <= greatest(clock_timestamp(), ${now.toISOString()}::timestamptz)
      order by at limit ${MOST}`),
  );
}

export async function dueOf(tx: Transaction): Promise<Due | undefined> {
  return tx.row<Due>(
    sql`select tenant, at::text as mark from records.job_due where tenant = ${tx.tenant}`,
  );
}

/**
 * After looking: when to look again. A job made meanwhile has moved the mark, and then nothing is
 * changed, so that it is not overlooked.
 */
export async function lookAgain(tx: Transaction, { tenant, mark }: Due): Promise<void> {
  const next = await tx.row<{ at: string | null }>(sql`select min(case state
      when 'waiting' then clock_timestamp() + interval '1 second'
      when 'running' then lease_until else expires_at end)::text as at from records.job`);
  const at = next?.at ?? undefined;
  const same = sql`tenant = ${tenant} and at = ${mark}::timestamptz`;
  await tx.run(
    at === undefined
      ? sql`delete from records.job_due where ${same}`
      : sql`update records.job_due set at = ${at}::timestamptz where ${same}`,
  );
}
