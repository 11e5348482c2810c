import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { type Matchable, matchesClause } from '../../../standards/fhir/search/matches-clause.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { visibleGroups } from '../search/reach.ts';
import { showRecord } from '../search/show.ts';
import type { Stored } from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import { filterOf } from './check-subscription.ts';
import type { OpenedOrders } from './opened-subscription.ts';
import { type RecordChange, type SubscriptionChange, TAKE, takeChanges } from './outbox.ts';
import type { Serving } from './serving.ts';
import { activeSubscriptions, addEvents, ask, type SubscriptionRow } from './subscription-row.ts';
import { SERVER_ID, subscriberOf } from './system-caller.ts';
import { nameOf, versionsByRow } from './version-by-row.ts';

export type Taken = { readonly events: number; readonly more: boolean };

/** Any number; with the tenant's it names the lock of that tenant's relay. */
const RELAY = 0x7375_6273;

/**
 * Turns the next changes into events of the subscriptions they concern, in one transaction: what
 * was taken is numbered, or is there to be taken again. undefined: another process is at it.
 */
export async function takeNext(
  store: Serving,
  tenant: number,
  orders: OpenedOrders,
): Promise<Taken | undefined> {
  return store.database.transaction(tenant, async (tx) => {
    const lock = await tx.row<{ leads: boolean }>(sql`
      select pg_try_advisory_xact_lock(${RELAY}::int4, ${tenant}::int4) as leads`);
    if (lock?.leads !== true) return undefined;
    const { changes, subscriptions, taken } = await takeChanges(tx);
    const events = taken === 0 ? 0 : await concerned({ store, tx, orders }, changes);
    await askAll(tx, subscriptions);
    return { events, more: taken === TAKE };
  });
}

/** Subscriptions that were written by others than ourselves. */
async function askAll(tx: Transaction, written: readonly SubscriptionChange[]): Promise<void> {
  const others = written.filter((change) => change.subscriber.id !== SERVER_ID);
  const versions = await versionsByRow(tx, others);
  for (const change of others) {
    const stored = versions.get(nameOf(change));
    if (stored !== undefined) await ask(tx, stored.id, change);
  }
}

type Work = { readonly store: Serving; readonly tx: Transaction; readonly orders: OpenedOrders };

async function concerned(work: Work, changes: readonly RecordChange[]): Promise<number> {
  const { tx } = work;
  const active = await activeSubscriptions(tx);
  const types = new Set(active.map((one) => one.type));
  const wanted = changes.filter((change) => types.has(change.type));
  if (wanted.length === 0) return 0;
  const versions = await versionsByRow(tx, wanted);
  let events = 0;
  for (const subscription of active) {
    const asked = await askedBy(work, subscription);
    if (asked === undefined) continue;
    const own: RecordChange[] = [];
    for (const change of wanted) {
      const stored = versions.get(nameOf(change));
      // Erased with its history meanwhile: there is nothing to tell of.
      if (stored === undefined || change.type !== subscription.type) continue;
      if (await concerns(work, asked, stored)) own.push(change);
    }
    if (own.length > 0) await addEvents(tx, subscription, own);
    events += own.length;
  }
  return events;
}

type AskedBy = {
  readonly caller: Caller;
  readonly filter: readonly Clause[];
  readonly topic: boolean;
};

async function askedBy(
  { store, tx, orders }: Work,
  row: SubscriptionRow,
): Promise<AskedBy | undefined> {
  const { tenant } = tx;
  const caller = await subscriberOf(store, tenant, row);
  if (caller === undefined) return undefined;
  const type = typeNumber('Subscription');
  const stored = (await versionsByRow(tx, [{ row: row.row, version: row.version, type }]))
    .values()
    .next().value;
  const order = stored === undefined ? undefined : await orders.of(store, tenant, stored);
  if (order === undefined) return undefined;
  return { caller, filter: filterOf(order, store.baseUrl), topic: order.topic !== undefined };
}

/** Told from what the subscriber may see of the record: a match tells no more than a read would. */
async function concerns({ store, tx }: Work, asked: AskedBy, stored: Stored): Promise<boolean> {
  if (stored.deleted)
    return asked.topic && asked.filter.length === 0 && mayKnow(store, asked, stored);
  const shown = await showRecord({ store, caller: asked.caller }, tx, stored);
  if (shown === undefined) return false;
  if (asked.filter.length === 0) return true;
  // Our own bytes, checked when they came in.
  const resource = parseResourceJson(shown.json, { maxDepth: 1000 }) as Matchable & object;
  const context = { own: store.baseUrl, updatedAt: stored.updatedAt.getTime() };
  return asked.filter.every((clause) => matchesClause(resource, clause, context));
}

async function mayKnow(store: Serving, { caller }: AskedBy, stored: Stored): Promise<boolean> {
  return (await visibleGroups({ store, caller }, stored)) !== undefined;
}
