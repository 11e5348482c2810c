import {
  type SubscriptionOrder,
  subscriptionOrder,
} from '../../../standards/fhir/subscription/subscription-order.ts';
import { openResource } from '../render.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';

/** Canonical of the topics: one for each resource type. */
export function topicsOf({ baseUrl }: Pick<Store, 'baseUrl'>): string {
  return `${baseUrl}/SubscriptionTopic`;
}

/** What the stored Subscription asks for, and its status; undefined: its key is gone. */
export async function openSubscription(store: Store, tenant: number, stored: Stored) {
  const keys = await store.database.transaction(tenant, (tx) =>
    store.phi.keys(tx, [stored.subject], 'refuse'),
  );
  const resource = openResource(keys.of(stored.subject), stored);
  return { resource, order: subscriptionOrder(resource, topicsOf(store)) };
}

export type OpenedOrders = {
  of(store: Store, tenant: number, stored: Stored): Promise<SubscriptionOrder | undefined>;
};

/** A version never changes, so what it asks for is read once. */
const KEPT = 1_000;

export function openOrders(): OpenedOrders {
  const known = new Map<string, SubscriptionOrder>();
  return {
    async of(store, tenant, stored) {
      const name = `${tenant}/${stored.row}/${stored.version}`;
      const kept = known.get(name);
      if (kept !== undefined) return kept;
      const { order } = await openSubscription(store, tenant, stored);
      if (Array.isArray(order)) return undefined;
      if (known.size >= KEPT) known.clear();
      known.set(name, order);
      return order;
    },
  };
}
