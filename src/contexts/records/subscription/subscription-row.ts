import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import type { RecordChange, SubscriptionChange } from './outbox.ts';

/** A subscription as it is served. */
export type SubscriptionRow = {
  readonly row: bigint;
  readonly id: string;
  readonly version: number;
  readonly type: number;
  readonly active: boolean;
  readonly author_kind: 'user' | 'client';
  readonly author: string;
  readonly purpose: string;
  readonly events: bigint;
  readonly delivered: bigint;
  readonly attempts: number;
  readonly problem: string | null;
  readonly failing_since: Date | null;
  readonly ends_at: Date | null;
};

const columns = sql`row, id, version, type, active, author_kind, author, purpose, events, delivered,
  attempts, problem, failing_since, ends_at`;

export function subscriptionRow(
  tx: Transaction,
  row: bigint,
): Promise<SubscriptionRow | undefined> {
  return tx.row<SubscriptionRow>(sql`
    select ${columns} from records.subscription where tenant = ${tx.tenant} and row = ${row}`);
}

export function activeSubscriptions(tx: Transaction): Promise<SubscriptionRow[]> {
  return tx.rows<SubscriptionRow>(sql`
    select ${columns} from records.subscription where tenant = ${tx.tenant} and active
     order by row`);
}

/** A version was written: it is looked at once this is committed. */
export async function ask(tx: Transaction, id: string, change: SubscriptionChange): Promise<void> {
  const { kind, id: author, purpose } = change.subscriber;
  await tx.run(sql`
    insert into records.subscription (row, id, version, type, active, asked, tenant, author_kind,
           author, purpose, due_at)
    values (${change.row}, ${id}, 0, ${change.type}, false, ${change.version}, ${tx.tenant}, ${kind},
            ${author}, ${purpose}, clock_timestamp())
    on conflict (tenant, row) do update
       set asked = excluded.asked, author_kind = excluded.author_kind, author = excluded.author,
           purpose = excluded.purpose`);
}

export type Asked = { readonly row: bigint; readonly asked: number };

export function askedSubscriptions(tx: Transaction): Promise<Asked[]> {
  return tx.rows<Asked>(sql`
    select row, asked from records.subscription where tenant = ${tx.tenant} and asked is not null
     order by row limit 100`);
}

export type Followed = Asked & {
  readonly type: number;
  readonly heartbeat: number | undefined;
  readonly end: Date | undefined;
};

/** From now on its events count; those it had before stay numbered. */
export async function follow(tx: Transaction, one: Followed): Promise<void> {
  await tx.run(sql`
    update records.subscription
       set version = ${one.asked}, type = ${one.type}, active = true, asked = null,
           heartbeat = ${one.heartbeat ?? null}, ends_at = ${one.end ?? null}, attempts = 0,
           problem = null, failing_since = null, due_at = clock_timestamp(),
           last_sent_at = clock_timestamp()
     where tenant = ${tx.tenant} and row = ${one.row} and asked = ${one.asked}`);
}

/** `asked`: the version looked at; a later one stays to be looked at. */
export async function unfollow(tx: Transaction, { row, asked }: Asked): Promise<void> {
  await tx.run(sql`
    update records.subscription set active = false, asked = nullif(asked, ${asked}::int4)
     where tenant = ${tx.tenant} and row = ${row}`);
}

export type EventRow = RecordChange & { readonly number: bigint };

/** Numbered on from the last one; the caller holds the tenant's relay lock. */
export async function addEvents(
  tx: Transaction,
  subscription: SubscriptionRow,
  changes: readonly RecordChange[],
): Promise<void> {
  let number = subscription.events;
  for (const change of changes) {
    number += 1n;
    const { row, version, type, method, at } = change;
    await tx.run(sql`
      insert into records.subscription_event (subscription, number, row, version, type, method, at,
             tenant)
      values (${subscription.row}, ${number}, ${row}, ${version}, ${type}, ${method}, ${at},
              ${tx.tenant})`);
  }
  await tx.run(sql`
    update records.subscription set events = ${number}
     where tenant = ${tx.tenant} and row = ${subscription.row}`);
}

export function eventsOf(
  tx: Transaction,
  subscription: bigint,
  { after, until, limit }: { after: bigint; until?: bigint; limit: number },
): Promise<EventRow[]> {
  return tx.rows<EventRow>(sql`
    select number, row, version, type, method, at from records.subscription_event
     where tenant = ${tx.tenant} and subscription = ${subscription} and number > ${after}
       and number <= ${until ?? 9_223_372_036_854_775_807n} order by number limit ${limit}`);
}
