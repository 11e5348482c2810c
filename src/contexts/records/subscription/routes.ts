import { randomUUID } from 'node:crypto';
import { type Call, fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import type { Caller } from '../../../platform/principal.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import {
  type NotificationParts,
  notificationBundle,
  subscriptionStatus,
} from '../../../standards/fhir/subscription/notification.ts';
import type { Content } from '../../../standards/fhir/subscription/subscription-order.ts';
import { guarded } from '../allow.ts';
import { requireId } from '../body.ts';
import { operationPairs } from '../bulk/parameter.ts';
import { fhirReplies } from '../fhir-call.ts';
import { type Read, readRecord } from '../read.ts';
import { answerSearch } from '../search/answer.ts';
import type { Store } from '../store.ts';
import { openSubscription } from './opened-subscription.ts';
import { eventsOf, type SubscriptionRow, subscriptionRow } from './subscription-row.ts';
import { toldEvents } from './told-event.ts';

const tag = 'FHIR subscriptions';
/** Events in one answer of $events; the rest is asked for by eventsSinceNumber. */
const MOST = 1_000;
/** Subscriptions whose state one $status tells. */
const MOST_STATES = 100;

type FhirCall = Call<Record<string, string>, unknown, Buffer> & { readonly caller: Caller };

/** $status and $events, as the backport guide's OperationDefinitions of these names have them. */
export function subscriptionRoutes(store: Store): Route[] {
  const one = (name: string) => `/fhir/Subscription/:id/${name}`;
  const spec = (method: 'GET' | 'POST', path: string, summary: string) =>
    ({ method, path, summary, tag, replies: fhirReplies }) as const;
  const state = 'How far a Subscription has been told';
  const states = 'How far several Subscriptions have been told';
  const events = 'Events of a Subscription, again';
  return (['GET', 'POST'] as const).flatMap((method) => [
    fhirRoute(spec(method, one('$status'), state), (call) =>
      status(store, call, [call.params['id'] ?? '']),
    ),
    fhirRoute(spec(method, '/fhir/Subscription/$status', states), async (call) =>
      status(store, call, await askedIds(store, call)),
    ),
    fhirRoute(spec(method, one('$events'), events), (call) => replay(store, call)),
  ]);
}

type Asked = ReadonlyMap<string, readonly string[]>;

function asked(call: FhirCall): Asked {
  const found = new Map<string, string[]>();
  for (const [name, value] of operationPairs(call)) {
    found.set(name, [...(found.get(name) ?? []), ...value.split(',')]);
  }
  return found;
}

async function askedIds(store: Store, call: FhirCall): Promise<readonly string[]> {
  const ids = asked(call).get('id') ?? (await visibleIds(store, call.caller));
  if (ids.length > MOST_STATES) {
    refuse(kinds.badRequest, `Name up to ${MOST_STATES} Subscriptions by id=….`);
  }
  return ids;
}

async function visibleIds(store: Store, caller: Caller): Promise<string[]> {
  const pairs = [['_count', `${MOST_STATES + 1}`]] as const;
  const search = { store, caller, type: 'Subscription', pairs, lenient: false };
  const bundle = await guarded(store, caller, () => answerSearch(search));
  const { entry = [] }: { entry?: { resource: { resourceType: string; id: string } }[] } =
    JSON.parse(bundle.toString());
  return entry.flatMap(({ resource }) =>
    resource.resourceType === 'Subscription' ? [resource.id] : [],
  );
}

async function status(store: Store, call: FhirCall, ids: readonly string[]): Promise<Reply> {
  const { caller } = call;
  const wanted = asked(call).get('status');
  const entry: object[] = [];
  for (const id of ids) {
    const { row, parts } = await stateOf(store, caller, id, 'query-status');
    if (wanted !== undefined && !wanted.includes(parts.status)) continue;
    entry.push({
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: subscriptionStatus({ ...parts, ...problemOf(row) }),
      search: { mode: 'match' },
    });
  }
  const found = entry.length === 0 ? {} : { entry };
  const body = { resourceType: 'Bundle', type: 'searchset', total: entry.length, ...found };
  return { status: 200, body };
}

function problemOf(row: SubscriptionRow | undefined): { error?: string } {
  return row?.problem == null ? {} : { error: row.problem };
}

async function stateOf(store: Store, caller: Caller, id: string, type: NotificationParts['type']) {
  requireId(id);
  const { tenant } = caller.principal;
  const read: Read = await guarded(store, caller, () =>
    readRecord({ store, caller, type: 'Subscription', id }),
  );
  const { resource, order } = await openSubscription(store, tenant, read.stored);
  const row = await store.database.transaction(tenant, (tx) =>
    subscriptionRow(tx, read.stored.row),
  );
  const topic = Array.isArray(order) ? undefined : order.topic;
  const parts: NotificationParts = {
    ...{ type, status: String(resource['status']), notified: [] },
    subscription: `${store.baseUrl}/Subscription/${id}`,
    ...(topic === undefined ? {} : { topic }),
    events: Number(row?.events ?? 0n),
  };
  return { row, parts, order };
}

/** Told under the rules of who asks now, not of who subscribed. */
async function replay(store: Store, call: FhirCall): Promise<Reply> {
  const { caller } = call;
  const { tenant } = caller.principal;
  const given = asked(call);
  const { row, parts, order } = await stateOf(
    store,
    caller,
    call.params['id'] ?? '',
    'query-event',
  );
  const after = numberOf(given, 'eventsSinceNumber') ?? 1n;
  const until = numberOf(given, 'eventsUntilNumber');
  const content = contentOf(given) ?? (Array.isArray(order) ? 'id-only' : order.content);
  const range = { after: after - 1n, limit: MOST, ...(until === undefined ? {} : { until }) };
  const { told, audit } = await store.database.transaction(tenant, async (tx) =>
    row === undefined
      ? { told: [], audit: [] }
      : toldEvents({ store, caller, content }, tx, await eventsOf(tx, row.row, range)),
  );
  if (audit.length > 0) await store.audit.release(tenant, audit);
  const ids = { bundle: randomUUID(), status: randomUUID(), at: store.now() };
  const notified = told.map(({ event }) => event);
  return { status: 200, body: notificationBundle({ ...parts, notified }, ids) };
}

function numberOf(given: Asked, name: string): bigint | undefined {
  const text = given.get(name)?.[0];
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return BigInt(text);
  return refuse(kinds.badRequest, `${name} is the number of an event.`);
}

function contentOf(given: Asked): Content | undefined {
  const text = given.get('content')?.[0];
  if (text === undefined || text === 'empty' || text === 'id-only' || text === 'full-resource')
    return text;
  return refuse(kinds.badRequest, 'content is empty, id-only or full-resource.');
}
