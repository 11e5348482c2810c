import { createHash } from 'node:crypto';
import type { Reply } from '../../../platform/http/route.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import { type FhirCall, one } from '../fhir-call.ts';
import { keyOf } from '../read.ts';
import type { Store } from '../store.ts';
import type { Frame } from '../transact.ts';
import { claim, keepAnswer, type Ticket } from './claim.ts';

/** How a write is answered, now and when its key comes again. */
export type Answering<T> = {
  readonly reply: (result: T) => Reply;
  /** What is kept of the answer: never a record, whose key may be destroyed before this one's. */
  readonly kept: (result: T) => Reply;
  /** The kept answer with the records it showed, if the caller may still see them. */
  readonly again: (kept: Reply) => Promise<Reply>;
};

type Asked = {
  readonly store: Store;
  readonly call: FhirCall;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly rehearsal: boolean;
};

/**
 * A write, done once however often it is sent with the same Idempotency-Key (IETF
 * draft-ietf-httpapi-idempotency-key-header). A refused one has left nothing and is tried anew.
 */
export async function once<T>(
  asked: Asked,
  answering: Answering<T>,
  work: (frame: Frame<T> | undefined) => Promise<T>,
): Promise<Reply> {
  const { store, call } = asked;
  if (asked.rehearsal) return answering.reply(await work({ rehearsal: true }));
  const given = one(call.headers['idempotency-key']);
  if (given === undefined) return answering.reply(await work(undefined));
  const ticket = ticketOf(asked, requireKey(given));
  try {
    return answering.reply(await work(frameOf(asked, answering, ticket)));
  } catch (error) {
    if (!(error instanceof Answered)) throw error;
    const { caller } = call;
    await store.audit.release(caller.principal.tenant, [
      { type: 'record.operation', action: 'E', outcome: 'success', caller, note: { replayed: 1 } },
    ]);
    const key = await keyOf(store, caller.principal.tenant, 0n);
    const text = key.open(error.sealed, contextOf(ticket)).toString('utf8');
    const { status, headers, body } = JSON.parse(text) as Kept;
    const replayed = { ...headers, 'idempotent-replayed': 'true' };
    return answering.again({ status, headers: replayed, ...(body === undefined ? {} : { body }) });
  }
}

type Kept = { status: number; headers: Record<string, string>; body?: string };

function frameOf<T>({ store }: Asked, answering: Answering<T>, ticket: Ticket): Frame<T> {
  return {
    async first(tx) {
      const known = await claim(store, tx, ticket);
      if (known !== undefined) throw new Answered(known);
    },
    async keep(tx, result) {
      await keepAnswer(store, tx, ticket, await sealed(store, tx, answering.kept(result), ticket));
    },
  };
}

/** Ends a transaction that has been run before. */
class Answered extends Error {
  readonly sealed: Buffer;

  constructor(sealed: Buffer) {
    super('answered before');
    this.sealed = sealed;
  }
}

async function sealed(store: Store, tx: Transaction, reply: Reply, ticket: Ticket) {
  const { status, headers = {}, body } = reply;
  const text = body === undefined || Buffer.isBuffer(body) ? body?.toString('utf8') : textOf(body);
  const kept: Kept = { status, headers, ...(text === undefined ? {} : { body: text }) };
  const key = (await store.phi.keys(tx, [0n], 'make')).of(0n);
  return key.seal(Buffer.from(JSON.stringify(kept)), contextOf(ticket));
}

function textOf(body: object | string): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function contextOf({ request }: Ticket): string {
  return `idempotency/${request}`;
}

/** 1 to 255 visible ASCII characters, in quotes or not. */
function requireKey(given: string): string {
  const key = /^"?([\x21\x23-\x7e]{1,255})"?$/.exec(given.trim())?.[1];
  return key ?? refuse(kinds.badRequest, 'Idempotency-Key has 1 to 255 visible ASCII characters.');
}

function ticketOf({ call, method }: Asked, key: string): Ticket {
  const { headers, caller, url, body } = call;
  const hash = createHash('sha256').update(`${method} ${url}\n`);
  for (const name of ['if-match', 'if-none-match', 'if-none-exist'] as const) {
    hash.update(`${one(headers[name]) ?? ''}\n`);
  }
  if (body !== undefined) hash.update(body);
  return { key: `${caller.principal.id}|${key}`, request: hash.digest('hex') };
}
