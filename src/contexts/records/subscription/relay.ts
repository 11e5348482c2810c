import type { Sent } from '../../../platform/http/egress.ts';
import type { SubscriptionOrder } from '../../../standards/fhir/subscription/subscription-order.ts';
import type { Stored } from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import { deliver, isAcknowledged, notify } from './delivery.ts';
import { acknowledged, failed, forgetOldEvents, subscribers, takeDue } from './due.ts';
import { openOrders, openSubscription } from './opened-subscription.ts';
import type { Serving } from './serving.ts';
import { setStatus } from './set-status.ts';
import {
  type Asked,
  askedSubscriptions,
  follow,
  type SubscriptionRow,
  unfollow,
} from './subscription-row.ts';
import { subscriberOf } from './system-caller.ts';
import { takeNext } from './take.ts';
import { currentByRow, nameOf, versionsByRow } from './version-by-row.ts';

const SUBSCRIPTION = typeNumber('Subscription');

/** Tells subscribers of changes; several processes may run one each. */
export type Relay = {
  /** Something may have changed in this tenant: looked at within milliseconds. */
  wake(tenant: number): void;
  /** Looks at all tenants every second, until `stop`. */
  start(): void;
  /** Ends after what is being sent. */
  stop(): Promise<void>;
};

/** What other processes wrote, and what is due again, is found by looking. */
const LOOK_EVERY_MS = 1_000;
/** The wake comes from inside of a transaction: its COMMIT needs a moment. */
const WAKE_AFTER_MS = 15;

export function openRelay(store: Serving): Relay {
  const work = new RelayWork(store);
  const running = new Map<number, Promise<void>>();
  const again = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function turn(tenant: number): void {
    if (stopped) return;
    if (running.has(tenant)) {
      again.add(tenant);
      return;
    }
    const turned = work.turn(tenant).finally(() => {
      running.delete(tenant);
      if (again.delete(tenant)) turn(tenant);
    });
    running.set(tenant, turned);
  }

  async function look(): Promise<void> {
    try {
      for (const { tenant } of await store.database.transaction(0, subscribers)) turn(tenant);
    } catch (err) {
      store.log.error({ err }, 'subscriptions: cannot see what is due; looking again shortly');
    }
    if (!stopped) timer = setTimeout(() => void look(), LOOK_EVERY_MS).unref();
  }

  return {
    wake: (tenant) => {
      setTimeout(() => turn(tenant), WAKE_AFTER_MS).unref();
    },
    start: () => void look(),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.all(running.values());
      await store.egress.close();
    },
  };
}

class RelayWork {
  readonly #store: Serving;
  readonly #orders = openOrders();

  constructor(store: Serving) {
    this.#store = store;
  }

  /** Takes all changes there are, then tells all that is due, until nothing is. */
  async turn(tenant: number): Promise<void> {
    const { database, log } = this.#store;
    try {
      for (let more = true; more; ) {
        more = (await takeNext(this.#store, tenant, this.#orders))?.more ?? false;
        const asked = await database.transaction(tenant, askedSubscriptions);
        for (const one of asked) await this.#look(tenant, one);
      }
      while (await this.#tell(tenant));
    } catch (err) {
      log.error({ err, tenant }, 'subscriptions: a turn failed; the next begins in a second');
    }
  }

  /** A Subscription was written: what it asks for now is followed, or not any more. */
  async #look(tenant: number, asked: Asked): Promise<void> {
    const store = this.#store;
    const stored = await this.#version(tenant, { row: asked.row, version: asked.asked });
    const wanted =
      stored === undefined || stored.deleted
        ? undefined
        : await openSubscription(store, tenant, stored);
    const status = wanted?.resource['status'];
    if (stored === undefined || wanted === undefined || status === 'off' || status === 'error') {
      await store.database.transaction(tenant, (tx) => unfollow(tx, asked));
      return;
    }
    const { order } = wanted;
    const refusal = Array.isArray(order)
      ? 'It cannot be served any more: write it anew.'
      : await this.#greet(tenant, order, stored);
    if (Array.isArray(order) || refusal !== undefined) {
      await store.database.transaction(tenant, (tx) => unfollow(tx, asked));
      await setStatus(store, tenant, stored, { status: 'error', error: refusal ?? 'refused' });
      return;
    }
    const { heartbeat, end } = order;
    await store.database.transaction(tenant, (tx) =>
      follow(tx, { ...asked, type: typeNumber(order.type), heartbeat, end }),
    );
    await setStatus(store, tenant, stored, { status: 'active' });
  }

  /**
   * Backport guide, channels.html: a receiver answers a handshake before it is told anything.
   * Returns why it is not to be told.
   */
  async #greet(tenant: number, order: SubscriptionOrder, stored: Stored) {
    if (order.topic === undefined) return undefined;
    const subscription = { row: stored.row, id: stored.id, events: 0n, delivered: 0n };
    const sent = await notify({ store: this.#store, tenant, order, subscription }, 'handshake');
    return isAcknowledged(sent) ? undefined : `The handshake failed: ${reasonOf(sent)}.`;
  }

  /** True when something was sent: there may be more. */
  async #tell(tenant: number): Promise<boolean> {
    const { database } = this.#store;
    const due = await database.transaction(tenant, takeDue);
    const told = await Promise.all(due.map((one) => this.#tellOne(tenant, one)));
    const rows = due.map((one) => one.row);
    if (rows.length > 0) await database.transaction(tenant, (tx) => forgetOldEvents(tx, rows));
    return told.some(Boolean);
  }

  async #tellOne(tenant: number, one: SubscriptionRow): Promise<boolean> {
    const store = this.#store;
    const stored = await this.#version(tenant, one);
    const order = stored === undefined ? undefined : await this.#orders.of(store, tenant, stored);
    const caller = await subscriberOf(store, tenant, one);
    if (one.ends_at !== null && one.ends_at <= store.now()) {
      await this.#end(tenant, one, { status: 'off' });
      return false;
    }
    if (order === undefined || caller === undefined) {
      const error = 'Who made it may not act here any more, or it cannot be read.';
      await this.#end(tenant, one, { status: 'error', error });
      return false;
    }
    const { upTo, sent } = await deliver({ store, tenant, order, subscription: one }, caller);
    if (isAcknowledged(sent)) {
      await store.database.transaction(tenant, (tx) => acknowledged(tx, one.row, upTo));
      store.notified('delivered');
      return true;
    }
    const problem = reasonOf(sent);
    const now = store.now();
    const patient = await store.database.transaction(tenant, (tx) =>
      failed(tx, one, { problem, upTo, now }),
    );
    store.notified('failed');
    const said = { tenant, subscription: one.id, problem, attempts: one.attempts + 1 };
    store.log.warn(said, 'subscriptions: a notification was not taken; it is sent again');
    if (patient && !(sent.answered && sent.status === 410)) return false;
    const error = `Notifications were not taken (${problem}): set the status to requested to go on.`;
    await this.#end(tenant, one, { status: 'error', error });
    return false;
  }

  async #end(tenant: number, one: SubscriptionRow, end: Parameters<typeof setStatus>[3]) {
    const { database, log } = this.#store;
    log.warn({ tenant, subscription: one.id, status: end.status }, 'subscriptions: one has ended');
    await database.transaction(tenant, (tx) => unfollow(tx, { row: one.row, asked: one.version }));
    const newest = await this.#newest(tenant, one.row);
    if (newest !== undefined && !newest.deleted) await setStatus(this.#store, tenant, newest, end);
  }

  async #version(tenant: number, { row, version }: { row: bigint; version: number }) {
    const wanted = { row, version, type: SUBSCRIPTION };
    const found = await this.#store.database.transaction(tenant, (tx) =>
      versionsByRow(tx, [wanted]),
    );
    return found.get(nameOf(wanted));
  }

  async #newest(tenant: number, row: bigint): Promise<Stored | undefined> {
    return this.#store.database.transaction(tenant, (tx) => currentByRow(tx, SUBSCRIPTION, row));
  }
}

function reasonOf(sent: Sent): string {
  return sent.answered ? `answered-${sent.status}` : sent.problem;
}
