import { resourceTypes } from '../definitions.ts';
import type { Issue } from '../issue.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';

const guide = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';
/** Extensions of the guide "Subscriptions R5 Backport" 1.1 on an R4 Subscription. */
const filterCriteria = `${guide}/backport-filter-criteria`;
const heartbeatPeriod = `${guide}/backport-heartbeat-period`;
const deliveryTimeout = `${guide}/backport-timeout`;
const largestNotification = `${guide}/backport-max-count`;
const payloadContent = `${guide}/backport-payload-content`;

/** How much of a changed record a notification carries (backport: payloads.html). */
export type Content = 'empty' | 'id-only' | 'full-resource';

/** What a Subscription asks for. Times are seconds. */
export type SubscriptionOrder = {
  /** The records whose changes may matter. */
  readonly type: string;
  /** Search parameters a changed record must meet, all of them. */
  readonly filter: readonly (readonly [name: string, value: string])[];
  /** Canonical of the topic; undefined: R4's own form, its criteria being a search. */
  readonly topic: string | undefined;
  readonly endpoint: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Undefined: R4's notification without a body. */
  readonly format: 'json' | 'xml' | undefined;
  readonly content: Content;
  readonly heartbeat: number | undefined;
  readonly timeout: number;
  /** Events in one notification. */
  readonly maxCount: number;
  readonly end: Date | undefined;
};

/** As many as any receiver needs; a request's head stays below 16 KB of usual ones. */
const MOST_HEADERS = 50;
const bounds = { heartbeat: [5, 86_400], timeout: [1, 60], maxCount: [1, 100] } as const;

/**
 * Reads a Subscription (R4 subscription.html; with a topic, the backport guide), whose structure is
 * in order. Topics are `<topics>/<Type>`: every creation, change and deletion of that type.
 *
 * @param topics canonical of all topics, without a slash at its end.
 * @returns what it asks for, or every reason why that cannot be done here.
 */
export function subscriptionOrder(
  subscription: JsonObject,
  topics: string,
): SubscriptionOrder | Issue[] {
  const reading = new Reading();
  const channel = reading.object(subscription['channel']);
  if (channel['type'] !== 'rest-hook') {
    reading.refuse('channel.type', 'Only the channel rest-hook is served.');
  }
  const criteria = String(subscription['criteria'] ?? '');
  const topic = criteria.startsWith(`${topics}/`) ? criteria : undefined;
  const what =
    topic === undefined
      ? reading.search(criteria)
      : reading.topic(topic.slice(topics.length + 1), subscription['_criteria']);
  const order: SubscriptionOrder = {
    ...what,
    topic,
    endpoint: reading.endpoint(channel['endpoint']),
    headers: reading.headers(channel['header']),
    format: reading.format(channel['payload']),
    content: reading.content(channel['_payload'], topic, channel['payload']),
    heartbeat: reading.number(channel, heartbeatPeriod, bounds.heartbeat),
    timeout: reading.number(channel, deliveryTimeout, bounds.timeout) ?? 20,
    maxCount: reading.number(channel, largestNotification, bounds.maxCount) ?? 20,
    end: reading.end(subscription['end']),
  };
  return reading.issues.length > 0 ? reading.issues : order;
}

class Reading {
  readonly issues: Issue[] = [];

  refuse(element: string, text: string): void {
    const expression = `Subscription.${element}`;
    this.issues.push({ severity: 'error', code: 'not-supported', expression, text });
  }

  object(value: unknown): JsonObject {
    return isJsonObject(value) ? value : {};
  }

  search(criteria: string): Pick<SubscriptionOrder, 'type' | 'filter'> {
    const at = criteria.indexOf('?');
    const type = at < 0 ? criteria : criteria.slice(0, at);
    if (!resourceTypes.has(type)) {
      const text = 'The criteria are Type?parameters, or the canonical of a topic of this server.';
      this.refuse('criteria', text);
    }
    return { type, filter: at < 0 ? [] : pairsOf(criteria.slice(at + 1)) };
  }

  topic(type: string, element: unknown): Pick<SubscriptionOrder, 'type' | 'filter'> {
    if (!resourceTypes.has(type)) this.refuse('criteria', 'There is no such topic here.');
    const filters = this.extensions(element, filterCriteria).map((one) => {
      const text = String(one['valueString'] ?? '');
      const at = text.indexOf('?');
      if (at >= 0 && text.slice(0, at) !== type) {
        this.refuse('criteria', `A filter of this topic is ${type}?parameters.`);
      }
      return pairsOf(text.slice(at + 1));
    });
    return { type, filter: filters.flat() };
  }

  endpoint(value: unknown): string {
    const url = URL.parse(String(value ?? ''));
    const known = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (!known || url.username !== '' || url.password !== '' || url.hash !== '') {
      const text = 'The endpoint is an https (or http) address without a user or fragment in it.';
      this.refuse('channel.endpoint', text);
    }
    return String(value).replace(/\/+$/, '');
  }

  headers(value: unknown): [string, string][] {
    const lines: unknown[] = Array.isArray(value) ? value : [];
    if (lines.length > MOST_HEADERS) {
      this.refuse('channel.header', `At most ${MOST_HEADERS} headers are sent.`);
      return [];
    }
    return lines.map((line) => {
      const [, name = '', text = ''] = /^([\w-]{1,100})\s*:\s*(.*)$/.exec(String(line)) ?? [];
      if (
        name === '' ||
        !/^[\t\x20-\x7e]{0,4000}$/.test(text) ||
        reserved.has(name.toLowerCase())
      ) {
        this.refuse('channel.header', 'A header is "Name: value", and not one HTTP itself needs.');
      }
      return [name, text];
    });
  }

  format(payload: unknown): 'json' | 'xml' | undefined {
    if (payload === undefined) return undefined;
    if (/^application\/(fhir\+)?json\b/.test(String(payload))) return 'json';
    if (/^application\/(fhir\+)?xml\b/.test(String(payload))) return 'xml';
    this.refuse('channel.payload', 'The payload is application/fhir+json or application/fhir+xml.');
    return undefined;
  }

  content(element: unknown, topic: string | undefined, payload: unknown): Content {
    const asked = this.extensions(element, payloadContent)[0]?.['valueCode'];
    if (asked === 'empty' || asked === 'id-only' || asked === 'full-resource') return asked;
    if (asked !== undefined) {
      this.refuse('channel.payload', 'The content is empty, id-only or full-resource.');
    }
    if (topic !== undefined) return 'id-only';
    return payload === undefined ? 'empty' : 'full-resource';
  }

  number(
    channel: JsonObject,
    url: string,
    [least, most]: readonly [number, number],
  ): number | undefined {
    const one = this.extensions(channel, url)[0];
    const value = one?.['valueUnsignedInt'] ?? one?.['valuePositiveInt'];
    if (value === undefined) return undefined;
    const number = Number(value);
    if (number >= least && number <= most) return number;
    this.refuse('channel', `${url.slice(guide.length + 1)} is from ${least} to ${most}.`);
    return undefined;
  }

  end(value: unknown): Date | undefined {
    return typeof value === 'string' ? new Date(value) : undefined;
  }

  extensions(element: unknown, url: string): JsonObject[] {
    const all = this.object(element)['extension'];
    return (Array.isArray(all) ? all : []).filter(isJsonObject).filter((one) => one['url'] === url);
  }
}

const reserved: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'content-type', 'connection', 'transfer-encoding', 'upgrade'],
  ...['keep-alive', 'te', 'trailer', 'expect', 'proxy-authorization'],
]);

function pairsOf(query: string): [string, string][] {
  return [...new URLSearchParams(query)];
}
