import type { Caller } from '../../../platform/principal.ts';
import { keyOf } from '../read.ts';
import type { Store } from '../store.ts';
import type { Frame } from '../transact.ts';
import { claim, keepAnswer } from './claim.ts';
import type { Ticket } from './ticket.ts';

type Asked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly ticket: Ticket | undefined;
  /** Nothing will be kept, so nothing is kept of the answer. */
  readonly rehearsal: boolean;
};

/**
 * How a result is kept, as a text. Never with a record in it: the record's key may be destroyed
 * before this one's.
 */
export type Keeping<T> = {
  readonly write: (result: T) => string;
  readonly read: (text: string) => T;
};

/**
 * A write, done once however often it is sent with the same Idempotency-Key (IETF
 * draft-ietf-httpapi-idempotency-key-header). A refused one has left nothing and is tried anew.
 */
export async function once<T>(
  { store, caller, ticket, rehearsal }: Asked,
  keeping: Keeping<T>,
  work: (frame: Frame<T> | undefined) => Promise<T>,
): Promise<{ result: T; replayed: boolean }> {
  if (rehearsal) return { result: await work({ rehearsal: true }), replayed: false };
  if (ticket === undefined) return { result: await work(undefined), replayed: false };
  const frame: Frame<T> = {
    async first(tx) {
      const known = await claim(store, tx, ticket);
      if (known !== undefined) throw new Answered(known);
    },
    async keep(tx, result) {
      const key = (await store.phi.keys(tx, [0n], 'make')).of(0n);
      const text = Buffer.from(keeping.write(result));
      await keepAnswer(store, tx, ticket, key.seal(text, contextOf(ticket)));
    },
  };
  try {
    return { result: await work(frame), replayed: false };
  } catch (error) {
    if (!(error instanceof Answered)) throw error;
    const { tenant } = caller.principal;
    await store.audit.release(tenant, [
      { type: 'record.operation', action: 'E', outcome: 'success', caller, note: { replayed: 1 } },
    ]);
    const key = await keyOf(store, tenant, 0n);
    const text = key.open(error.sealed, contextOf(ticket)).toString('utf8');
    return { result: keeping.read(text), replayed: true };
  }
}

/** Ends a transaction that has been run before. */
class Answered extends Error {
  readonly sealed: Buffer;

  constructor(sealed: Buffer) {
    super('answered before');
    this.sealed = sealed;
  }
}

function contextOf({ request }: Ticket): string {
  return `idempotency/${request}`;
}
