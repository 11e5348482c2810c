import type { Caller } from '../../platform/principal.ts';
import type { Unproven } from './entry.ts';

/** Names of about 300 bytes, so about 3 MB. */
const MOST = 10_000;
/** Rows written by transactions whose outcome is not known yet, per tenant. */
const MOST_AWAITED = 1_000;

/**
 * Actors known to be committed, so that an access writes and seals none. Until then every
 * transaction brings a row of its own: sharing one would make it wait for another's commit.
 */
export class ActorCache {
  readonly #committed = new Map<string, bigint>();
  readonly #awaited = new Map<number, Map<bigint, string>>();

  find(name: string): bigint | undefined {
    return this.#committed.get(name);
  }

  /** Written; its transaction may still fail. */
  expect(tenant: number, id: bigint, name: string): void {
    const awaited = this.#awaited.get(tenant) ?? new Map<bigint, string>();
    this.#awaited.set(tenant, awaited);
    const oldest = awaited.keys().next();
    if (awaited.size >= MOST_AWAITED && oldest.done === false) awaited.delete(oldest.value);
    awaited.set(id, name);
  }

  awaited(tenant: number): bigint[] {
    return [...(this.#awaited.get(tenant)?.keys() ?? [])];
  }

  /** Seen committed. */
  adopt(tenant: number, ids: readonly bigint[]): void {
    const awaited = this.#awaited.get(tenant);
    for (const id of ids) {
      const name = awaited?.get(id);
      awaited?.delete(id);
      if (name === undefined) continue;
      if (this.#committed.size >= MOST) this.#committed.clear();
      this.#committed.set(name, id);
    }
    if (awaited?.size === 0) this.#awaited.delete(tenant);
  }
}

/** All that makes two callers one actor. */
export function actorName(tenant: number, caller: Caller | Unproven): string {
  const { principal, ip, agent, purpose } = caller;
  const who =
    principal === undefined
      ? `?${caller.account ?? ''}`
      : `${principal.kind} ${principal.id} ${principal.roles.join(' ')}`;
  return `${tenant}\n${who}\n${purpose ?? ''}\n${ip}\n${agent}`;
}
