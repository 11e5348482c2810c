import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { refuse } from '../../../platform/problem.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import type { Ticket } from './ticket.ts';

/** So long the same key gets the same answer: a day of retries. */
const HOURS = 24;
/** Expired rows taken away with each new one, so that the table holds about a day of keys. */
const SWEPT = 100;

/**
 * The sealed answer this key has already got; undefined: it is new, and nobody else begins with it
 * before this transaction ends. Refuses a key that is on its way (409) or stood for another request
 * (422).
 */
export async function claim(
  store: Store,
  tx: Transaction,
  ticket: Ticket,
): Promise<Buffer | undefined> {
  const hash = await store.phi.hasher(tx.tenant);
  const free = await tx.row<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock(${hash('idempotency', ticket.key)}::int8) as free`,
  );
  if (free?.free !== true) {
    refuse(recordKinds.keyInFlight, 'A request with this Idempotency-Key is still on its way.', {
      headers: { 'retry-after': '1' },
    });
  }
  const names = await namesOf(store, tx, ticket);
  const known = await tx.row<{ request: Buffer; answer: Buffer }>(sql`
    select request, answer from records.idempotency
     where tenant = ${tx.tenant} and key = ${names.key} and made_at > ${expiry(store)}`);
  if (known === undefined) return undefined;
  if (known.request.equals(names.request)) return known.answer;
  return refuse(
    recordKinds.keyReused,
    'This Idempotency-Key stood for another request: take a new key for a new request.',
  );
}

/** With what the request did, in one transaction. */
export async function keepAnswer(
  store: Store,
  tx: Transaction,
  ticket: Ticket,
  answer: Buffer,
): Promise<void> {
  const { key, request } = await namesOf(store, tx, ticket);
  const now = store.now();
  await tx.run(sql`
    delete from records.idempotency
     where tenant = ${tx.tenant} and made_at <= ${expiry(store)} and (key = ${key} or key in (
      select key from records.idempotency
       where tenant = ${tx.tenant} and made_at <= ${expiry(store)}
       order by made_at limit ${SWEPT}::int8 for update skip locked))`);
  // One that is there all the same is a unique violation: begun again, this finds its answer.
  await tx.run(sql`
    insert into records.idempotency (key, request, answer, tenant, made_at)
    values (${key}, ${request}, ${answer}, ${tx.tenant}, ${now.toISOString()}::timestamptz)`);
}

function expiry(store: Store): string {
  return new Date(store.now().getTime() - HOURS * 3_600_000).toISOString();
}

async function namesOf({ phi }: Store, tx: Transaction, { key, request }: Ticket) {
  const own = (await phi.keys(tx, [0n], 'make')).of(0n);
  return {
    key: own.commitment(`idempotency|${key}`),
    request: own.commitment(`idempotent request|${request}`),
  };
}
