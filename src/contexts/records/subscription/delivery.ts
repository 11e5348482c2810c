import { randomUUID } from 'node:crypto';
import type { Outgoing, Sent } from '../../../platform/http/egress.ts';
import type { Caller } from '../../../platform/principal.ts';
import {
  type NotificationType,
  notificationBundle,
} from '../../../standards/fhir/subscription/notification.ts';
import type { SubscriptionOrder } from '../../../standards/fhir/subscription/subscription-order.ts';
import { xmlOfResources } from '../../../standards/fhir/xml/resource-xml.ts';
import type { Serving } from './serving.ts';
import { eventsOf, type SubscriptionRow } from './subscription-row.ts';
import { type Told, toldEvents } from './told-event.ts';

export type Delivery = {
  readonly store: Serving;
  readonly tenant: number;
  readonly order: SubscriptionOrder;
  readonly subscription: Pick<SubscriptionRow, 'row' | 'id' | 'events' | 'delivered'>;
};

/** What was told, and how the receiver took it. `upTo`: the last event it has acknowledged. */
export type Delivered = { readonly upTo: bigint; readonly sent: Sent };

/** Sends what is next: one notification of a topic, or one request for each event of a search. */
export async function deliver(delivery: Delivery, caller: Caller): Promise<Delivered> {
  const { store, tenant, order, subscription } = delivery;
  const { content, topic, maxCount } = order;
  const asked = { store, caller, content };
  const { told, audit } = await store.database.transaction(tenant, async (tx) => {
    const range = { after: subscription.delivered, limit: maxCount };
    return toldEvents(asked, tx, await eventsOf(tx, subscription.row, range));
  });
  if (audit.length > 0) await store.audit.release(tenant, audit);
  const last = told.at(-1)?.event.number;
  const upTo = last === undefined ? subscription.delivered : BigInt(last);
  if (topic !== undefined) {
    const type = told.length === 0 ? 'heartbeat' : 'event-notification';
    const sent = await notify(delivery, type, told);
    return { upTo: isAcknowledged(sent) ? upTo : subscription.delivered, sent };
  }
  return plain(delivery, told);
}

/** One notification of a topic-based subscription (backport guide: notifications.html). */
export async function notify(
  { store, order, subscription }: Delivery,
  type: NotificationType,
  told: readonly Told[] = [],
): Promise<Sent> {
  const { topic, content } = order;
  const parts = {
    ...{ type, status: type === 'handshake' ? 'requested' : 'active' },
    subscription: `${store.baseUrl}/Subscription/${subscription.id}`,
    ...(topic === undefined || content === 'empty' ? {} : { topic }),
    ...{ events: Number(subscription.events), notified: told.map(({ event }) => event) },
  };
  const ids = { bundle: randomUUID(), status: randomUUID(), at: store.now() };
  return store.egress.send(
    requestOf(order, 'POST', order.endpoint, notificationBundle(parts, ids)),
  );
}

/**
 * R4 subscription-channel-type, rest-hook: a post to the address, or, with a payload, an update to
 * what is then a FHIR base. In order: the first that fails is where it goes on.
 */
async function plain(
  { store, order, subscription }: Delivery,
  told: readonly Told[],
): Promise<Delivered> {
  let upTo = subscription.delivered;
  let sent: Sent = { answered: true, status: 200 };
  for (const { event, stored } of told) {
    const url = `${order.endpoint}/${stored?.type}/${stored?.id}`;
    if (order.format === undefined || event.json === undefined) {
      sent = await store.egress.send(requestOf(order, 'POST', order.endpoint, undefined));
    } else sent = await store.egress.send(requestOf(order, 'PUT', url, event.json));
    if (!isAcknowledged(sent)) break;
    upTo = BigInt(event.number);
  }
  return { upTo, sent };
}

export function isAcknowledged(sent: Sent): boolean {
  return sent.answered && sent.status >= 200 && sent.status < 300;
}

function requestOf(
  order: SubscriptionOrder,
  method: Outgoing['method'],
  url: string,
  json: string | undefined,
): Outgoing {
  const headers = Object.fromEntries(order.headers);
  const target = { method, url, timeoutMs: order.timeout * 1000 };
  if (json === undefined) return { ...target, headers };
  const xml = order.format === 'xml';
  const type = { 'content-type': `application/fhir+${xml ? 'xml' : 'json'}` };
  const body = xml ? xmlOfResources.write(json) : json;
  return { ...target, headers: { ...headers, ...type }, body };
}
