import { randomBytes } from 'node:crypto';
import type { SubjectKey } from '#phi';
import type { Caller } from '../../platform/principal.ts';
import { canonicalJson } from '../../standards/transparency/canonical-json.ts';
import type { Unproven } from './entry.ts';

/** A row of audit.actor. */
export type Actor = {
  /** Random. */
  readonly id: bigint;
  /** Of an unproven caller: the account that was tried, when it exists. */
  readonly userId: string | null;
  readonly kind: ActorKind;
  /** Sorted, one space between. */
  readonly roles: string;
  readonly purpose: string;
  /** All of it, the personal part included, under the tenant's own key. */
  readonly sealed: Buffer;
  readonly commitment: Buffer;
};

export type ActorKind = 'user' | 'client' | 'unproven';

/** What is sealed. Every column beside it is repeated here, so an edited column is found. */
export type ActorFacts = {
  readonly account: string;
  readonly agent: string;
  readonly ip: string;
  readonly kind: string;
  readonly purpose: string;
  readonly roles: string;
  readonly user: string;
};

const MOST = 256;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function factsOf(caller: Caller | Unproven): ActorFacts {
  const { principal } = caller;
  const account = principal === undefined ? (caller.account ?? '') : '';
  return {
    account: account.toWellFormed().slice(0, MOST).toWellFormed(),
    agent: caller.agent.slice(0, MOST).toWellFormed(),
    ip: caller.ip,
    kind: principal?.kind ?? 'unproven',
    purpose: caller.purpose ?? '',
    roles: [...(principal?.roles ?? [])].sort().join(' '),
    user: principal?.id ?? (uuid.test(account) ? account : ''),
  };
}

/** `key`: the tenant's own (subject 0). */
export function actorOf(facts: ActorFacts, key: SubjectKey): Actor {
  const text = canonicalJson(facts);
  const id = randomBytes(8).readBigInt64BE();
  return {
    id,
    userId: facts.user === '' ? null : facts.user,
    kind: facts.kind === 'user' || facts.kind === 'client' ? facts.kind : 'unproven',
    roles: facts.roles,
    purpose: facts.purpose,
    sealed: key.seal(Buffer.from(text), sealContext(id)),
    commitment: key.commitment(text),
  };
}

export function sealContext(id: bigint): string {
  return `audit.actor|${id}`;
}
