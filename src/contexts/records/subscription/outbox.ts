import {
  int2Array,
  int4Array,
  int8Array,
  textArray,
} from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import type { Principal } from '../../../platform/principal.ts';
import { typeNumber } from '../type-number.ts';
import type { NewVersion } from '../write-rows.ts';

/** On whose behalf a Subscription is served, and for which purpose of use. */
export type Subscriber = Pick<Principal, 'kind' | 'id'> & { readonly purpose: string };

/** One version of a record, as the outbox names it. */
export type RecordChange = {
  readonly row: bigint;
  readonly version: number;
  readonly type: number;
  readonly method: number;
  readonly at: Date;
};

export type SubscriptionChange = RecordChange & { readonly subscriber: Subscriber };

const SUBSCRIPTION = typeNumber('Subscription');
/** Changes taken in one transaction: their records are opened meanwhile, some 10 ms. */
export const TAKE = 200;

/**
 * In the transaction that writes them: the versions somebody may have to be told of. Returns how
 * many there were.
 */
export async function insertChanges(
  tx: Transaction,
  made: readonly NewVersion[],
  subscribers: ReadonlyMap<string, Subscriber>,
  now: Date,
): Promise<number> {
  const own = (one: NewVersion) =>
    one.type === SUBSCRIPTION ? subscribers.get(one.id) : undefined;
  const at = now.toISOString();
  const changed = tx.run(sql`
    insert into records.change (row, version, type, method, author_kind, author, purpose, at, tenant)
    select u.row, u.version, u.type, u.method, nullif(u.kind, ''), nullif(u.author, '')::uuid,
           nullif(u.purpose, ''), ${at}::timestamptz, ${tx.tenant}::int4
      from unnest(${int8Array(made.map((one) => one.row))}::int8[],
                  ${int4Array(made.map((one) => one.version))}::int4[],
                  ${int2Array(made.map((one) => one.type))}::int2[],
                  ${int2Array(made.map((one) => one.method))}::int2[],
                  ${textArray(made.map((one) => own(one)?.kind ?? ''))}::text[],
                  ${textArray(made.map((one) => own(one)?.id ?? ''))}::text[],
                  ${textArray(made.map((one) => own(one)?.purpose ?? ''))}::text[])
           as u (row, version, type, method, kind, author, purpose)
     where u.type = ${SUBSCRIPTION}::int2 or u.type in (
       select s.type from records.subscription s where s.tenant = ${tx.tenant}::int4 and s.active)`);
  if (subscribers.size === 0) return changed;
  const [count] = await Promise.all([
    changed,
    tx.run(
      sql`insert into records.subscriber (tenant) values (${tx.tenant}) on conflict do nothing`,
    ),
  ]);
  return count;
}

type ChangeRow = RecordChange & {
  author_kind: 'user' | 'client' | null;
  author: string | null;
  purpose: string | null;
};

/**
 * Takes the next changes, in the order of their transactions: one is taken only when every
 * transaction that began before it has ended, so that none can come before it any more.
 */
export async function takeChanges(
  tx: Transaction,
): Promise<{ changes: RecordChange[]; subscriptions: SubscriptionChange[]; taken: number }> {
  const rows = await tx.rows<ChangeRow>(sql`
    with next as (
      select xid, id from records.change
       where tenant = ${tx.tenant} and xid < pg_snapshot_xmin(pg_current_snapshot())::text::int8
       order by xid, id limit ${TAKE}),
    gone as (
      delete from records.change c using next n
       where c.tenant = ${tx.tenant} and c.xid = n.xid and c.id = n.id
      returning c.*)
    select row, version, type, method, at, author_kind, author, purpose
      from gone order by xid, id`);
  const changes: RecordChange[] = [];
  const subscriptions: SubscriptionChange[] = [];
  for (const { author_kind: kind, author: id, purpose, ...change } of rows) {
    changes.push(change);
    if (kind !== null && id !== null && purpose !== null) {
      subscriptions.push({ ...change, subscriber: { kind, id, purpose } });
    }
  }
  return { changes, subscriptions, taken: rows.length };
}
