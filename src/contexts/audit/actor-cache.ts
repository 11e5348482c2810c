import type { SubjectKey } from '#phi';
import type { Caller } from '../../platform/principal.ts';
import { type Actor, actorOf, factsOf } from './actor.ts';
import type { Unproven } from './entry.ts';

export type KnownActor = {
  readonly actor: Actor;
  /** Seen committed: no event has to bring the row along any more. */
  stored: boolean;
};

/** Sealed rows of about 1 KB, so about 10 MB. */
const MOST = 10_000;

/** Actors met by this process, so that a read's audit neither seals nor writes one. */
export class ActorCache {
  readonly #actors = new Map<string, KnownActor>();
  readonly #byId = new Map<string, KnownActor>();

  of(tenant: number, caller: Caller | Unproven, key: () => SubjectKey): KnownActor {
    const name = nameOf(tenant, caller);
    const known = this.#actors.get(name);
    if (known !== undefined) return known;
    const made = { actor: actorOf(factsOf(caller), key()), stored: false };
    if (this.#actors.size >= MOST) {
      this.#actors.clear();
      this.#byId.clear();
    }
    this.#actors.set(name, made);
    this.#byId.set(`${tenant}/${made.actor.id}`, made);
    return made;
  }

  /** The sequencer saw a committed event of this actor. */
  seen(tenant: number, id: bigint): void {
    const known = this.#byId.get(`${tenant}/${id}`);
    if (known !== undefined) known.stored = true;
  }
}

function nameOf(tenant: number, caller: Caller | Unproven): string {
  const { principal, ip, agent, purpose } = caller;
  const who =
    principal === undefined
      ? `?${caller.account ?? ''}`
      : `${principal.kind} ${principal.id} ${principal.roles.join(' ')}`;
  return `${tenant}\n${who}\n${purpose ?? ''}\n${ip}\n${agent}`;
}
