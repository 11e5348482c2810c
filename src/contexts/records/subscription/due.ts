import { int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** Subscriptions of one tenant told at once. */
const AT_ONCE = 8;
/** A receiver's longest time (60 s), and some: then another process may take it. */
const LEASE_SECONDS = 90;
/**
 * Seconds until the next attempt: quick at first, for a receiver that restarts; then hourly, for a
 * day.
 */
const waits = [1, 5, 15, 60, 300, 900, 1800] as const;
const LAST_WAIT = 3600;
const PATIENCE_HOURS = 24;

/** Takes what is due, so that no other process sends it too. */
export async function takeDue(tx: Transaction): Promise<SubscriptionRow[]> {
  return tx.rows<SubscriptionRow>(sql`
    with due as (
      select row from records.subscription
       where tenant = ${tx.tenant} and active and due_at <= clock_timestamp()
         and (events > delivered or ends_at <= clock_timestamp()
              or last_sent_at + make_interval(secs => heartbeat) <= clock_timestamp())
       order by due_at limit ${AT_ONCE} for update skip locked)
    update records.subscription s
       set due_at = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
      from due where s.tenant = ${tx.tenant} and s.row = due.row
    returning s.row, s.id, s.version, s.type, s.active, s.author_kind, s.author, s.purpose,
      s.events, s.delivered, s.attempts, s.problem, s.failing_since, s.ends_at`);
}

export async function acknowledged(tx: Transaction, row: bigint, upTo: bigint): Promise<void> {
  await tx.run(sql`
    update records.subscription
       set delivered = greatest(delivered, ${upTo}), attempts = 0, problem = null,
           failing_since = null, last_sent_at = clock_timestamp(), due_at = clock_timestamp()
     where tenant = ${tx.tenant} and row = ${row}`);
}

/** Returns false when patience has ended. */
export async function failed(
  tx: Transaction,
  one: SubscriptionRow,
  { problem, upTo, now }: { problem: string; upTo: bigint; now: Date },
): Promise<boolean> {
  const since = one.failing_since ?? now;
  await tx.run(sql`
    update records.subscription
       set attempts = attempts + 1, problem = ${problem}, failing_since = ${since},
           delivered = greatest(delivered, ${upTo}),
           due_at = clock_timestamp() + make_interval(secs => ${waits[one.attempts] ?? LAST_WAIT})
     where tenant = ${tx.tenant} and row = ${one.row}`);
  return now.getTime() - since.getTime() < PATIENCE_HOURS * 3_600_000;
}

/** Tenants that may have something to tell. */
export function subscribers(tx: Transaction): Promise<{ tenant: number }[]> {
  return tx.rows<{ tenant: number }>(sql`select tenant from records.subscriber order by tenant`);
}

const KEPT_DAYS = 7;

/** Events are there to be asked for again ($events) for a week, unless still undelivered. */
export async function forgetOldEvents(tx: Transaction, rows: readonly bigint[]): Promise<number> {
  return tx.run(sql`
    delete from records.subscription_event e using records.subscription s
     where e.tenant = ${tx.tenant} and s.tenant = e.tenant and s.row = e.subscription
       and s.row = any(${int8Array(rows)}::int8[]) and e.number <= s.delivered
       and e.at < clock_timestamp() - make_interval(days => ${KEPT_DAYS})`);
}
