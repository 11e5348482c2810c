const guide = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

export type NotificationType =
  | 'handshake'
  | 'heartbeat'
  | 'event-notification'
  | 'query-status'
  | 'query-event';

/** One event as a notification tells it. */
export type NotifiedEvent = {
  /** From 1, without gaps: a receiver sees from it that one was missed. */
  readonly number: number;
  readonly at: Date;
  /** Absolute address of the changed record; left out of `empty` notifications. */
  readonly focus?: string;
  /** How the record came to be so, for the Bundle's entry. */
  readonly request?: { readonly method: string; readonly url: string };
  readonly status?: string;
  /** The record's JSON, for `full-resource`. */
  readonly json?: string;
};

export type NotificationParts = {
  readonly type: NotificationType;
  /** Absolute address of the Subscription. */
  readonly subscription: string;
  readonly topic?: string;
  readonly status: string;
  /** Events since the subscription became active. */
  readonly events: number;
  readonly notified: readonly NotifiedEvent[];
  readonly error?: string;
};

/**
 * The state of a subscription as R4 tells it (backport guide 1.1, profile
 * backport-subscription-status-r4): a Parameters resource.
 */
export function subscriptionStatus(parts: NotificationParts): object {
  const parameter: object[] = [
    { name: 'subscription', valueReference: { reference: parts.subscription } },
    ...(parts.topic === undefined ? [] : [{ name: 'topic', valueCanonical: parts.topic }]),
    { name: 'status', valueCode: parts.status },
    { name: 'type', valueCode: parts.type },
    { name: 'events-since-subscription-start', valueString: String(parts.events) },
    ...parts.notified.map(eventParameter),
    ...(parts.error === undefined
      ? []
      : [{ name: 'error', valueCodeableConcept: { text: parts.error } }]),
  ];
  const profile = [`${guide}/backport-subscription-status-r4`];
  return { resourceType: 'Parameters', meta: { profile }, parameter };
}

function eventParameter({ number, at, focus }: NotifiedEvent): object {
  return {
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: String(number) },
      { name: 'timestamp', valueInstant: at.toISOString() },
      ...(focus === undefined ? [] : [{ name: 'focus', valueReference: { reference: focus } }]),
    ],
  };
}

/**
 * A notification (profile backport-subscription-notification-r4): a Bundle of type history whose
 * first entry is the state. Returned as JSON text, because the records in it are forwarded as they
 * are.
 *
 * @param ids two fresh urn:uuid values: of the Bundle and of its first entry.
 */
export function notificationBundle(
  parts: NotificationParts,
  ids: { bundle: string; status: string; at: Date },
): string {
  const first = {
    fullUrl: `urn:uuid:${ids.status}`,
    resource: subscriptionStatus(parts),
    request: { method: 'GET', url: `${parts.subscription}/$status` },
    response: { status: '200' },
  };
  const entries = [JSON.stringify(first), ...parts.notified.flatMap(entryText)];
  const meta = JSON.stringify({ profile: [`${guide}/backport-subscription-notification-r4`] });
  return (
    `{"resourceType":"Bundle","id":"${ids.bundle}","meta":${meta},"type":"history",` +
    `"timestamp":"${ids.at.toISOString()}","entry":[${entries.join(',')}]}`
  );
}

function entryText({ focus, request, status, json }: NotifiedEvent): string[] {
  if (focus === undefined || request === undefined) return [];
  const resource = json === undefined ? '' : `"resource":${json},`;
  const rest = JSON.stringify({ request, response: { status: status ?? '200' } });
  return [`{"fullUrl":${JSON.stringify(focus)},${resource}${rest.slice(1)}`];
}
