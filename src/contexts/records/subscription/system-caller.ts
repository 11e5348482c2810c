import { randomUUID } from 'node:crypto';
import type { Caller } from '../../../platform/principal.ts';
import type { Serving } from './serving.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** This program itself, when it writes a Subscription's status. */
export const SERVER_ID = '00000000-0000-4000-8000-6d6373756273';

export function serverCaller(tenant: number): Caller {
  const work = randomUUID();
  return {
    principal: { tenant, kind: 'client', id: SERVER_ID, roles: ['integration'], session: work },
    ip: '127.0.0.1',
    agent: 'medconnect subscriptions',
    correlation: work,
    purpose: 'RECORDMGT',
  };
}

/**
 * Whoever made the Subscription, with the roles they have now; undefined when they may not act any
 * more.
 */
export async function subscriberOf(
  store: Serving,
  tenant: number,
  one: Pick<SubscriptionRow, 'author_kind' | 'author' | 'purpose' | 'id'>,
): Promise<Caller | undefined> {
  const session = randomUUID();
  const holder = { tenant, kind: one.author_kind, id: one.author, session };
  const principal = await store.standing(holder);
  if (principal === undefined) return undefined;
  return {
    ...{ principal, ip: '127.0.0.1', correlation: session, purpose: one.purpose },
    agent: `medconnect Subscription/${one.id}`,
  };
}
