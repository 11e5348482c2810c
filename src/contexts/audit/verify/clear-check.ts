import type { Phi, SubjectKey } from '#phi';
import { int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { Problem } from '../../../platform/problem.ts';
import { canonicalJson } from '../../../standards/transparency/canonical-json.ts';
import { type ActorFacts, sealContext } from '../actor.ts';
import { committedText, resourceHash } from '../event-row.ts';
import type { StoredActor, StoredEvent } from '../leaf.ts';
import { unpackId } from '../packed-id.ts';
import type { LogPage } from '../read-log.ts';
import { resourceTypes } from '../resource-type.ts';

/**
 * Events and actors whose clear columns could not be held against a commitment, for want of a key.
 */
export type Unproven = { count: number };

export type ClearCheck = (event: StoredEvent) => string | undefined;

/** Actors already found right, per run; beyond it they are checked again. */
const MOST_ACTORS = 100_000;

/** Holds what is not in the leaves (ids, addresses, agents) against the commitments that are. */
export class ClearColumns {
  readonly unproven: Unproven = { count: 0 };
  readonly #database: Database;
  readonly #phi: Phi;
  readonly #tenant: number;
  readonly #proven = new Set<bigint>();
  readonly #gone = new Set<bigint>();

  constructor(database: Database, phi: Phi, tenant: number) {
    this.#database = database;
    this.#phi = phi;
    this.#tenant = tenant;
  }

  /** A check for the events of this page; throws nothing for a missing key. */
  async of(page: LogPage): Promise<ClearCheck> {
    const keys = await this.#keys(page.events);
    const wrong = await this.#wrongActors(page.actors, keys.get(0n));
    return (event) => {
      const { actor } = event;
      if (!page.actors.has(actor)) return 'its actor, whose row is gone,';
      return wrong.get(actor) ?? this.#idFault(event, keys.get(event.subject));
    };
  }

  #idFault(event: StoredEvent, key: SubjectKey | undefined): string | undefined {
    const resourceId = unpackId(event.resource_id);
    const patientId = unpackId(event.patient_id);
    const type = resourceTypes.name(event.resource_type);
    if (event.commitment.length === 0) {
      return resourceId === '' && patientId === '' ? undefined : 'the id of patient or resource';
    }
    if (key === undefined) {
      this.unproven.count += 1;
      return undefined;
    }
    const text = committedText(patientId, noted(event) ?? type, resourceId);
    if (!key.commitment(text).equals(event.commitment)) return 'the id of patient or resource';
    const found = event.resource_hash === resourceHash(resourceId);
    return found ? undefined : 'the index key of the resource';
  }

  async #keys(events: readonly StoredEvent[]): Promise<ReadonlyMap<bigint, SubjectKey>> {
    const wanted = new Set([0n]);
    for (const { subject, commitment } of events) {
      if (commitment.length > 0 && !this.#gone.has(subject)) wanted.add(subject);
    }
    const subjects = [...wanted];
    const cached = this.#phi.cachedKeys(this.#tenant, subjects);
    if (cached !== undefined) return new Map(subjects.map((one) => [one, cached.of(one)]));
    return this.#database.transaction(this.#tenant, async (tx) => {
      const found = await this.#phi.keys(tx, subjects, 'refuse').catch(keyIsGone);
      if (found !== undefined) return new Map(subjects.map((one) => [one, found.of(one)]));
      const each = subjects.map(async (subject) => {
        const one = await this.#phi.keys(tx, [subject], 'refuse').catch(keyIsGone);
        if (one === undefined) this.#gone.add(subject);
        return [subject, one?.of(subject)] as const;
      });
      const pairs = await Promise.all(each);
      return new Map(pairs.filter((pair): pair is [bigint, SubjectKey] => pair[1] !== undefined));
    });
  }

  async #wrongActors(
    actors: ReadonlyMap<bigint, StoredActor>,
    key: SubjectKey | undefined,
  ): Promise<ReadonlyMap<bigint, string>> {
    const fresh = [...actors.values()].filter(({ id }) => !this.#proven.has(id));
    const wrong = new Map<bigint, string>();
    if (fresh.length === 0) return wrong;
    const ids = int8Array(fresh.map(({ id }) => id));
    const rows = await this.#database.transaction(this.#tenant, (tx) =>
      tx.rows<{ id: bigint; sealed: Buffer }>(sql`
        select id, sealed from audit.actor
         where tenant = ${this.#tenant} and id = any(${ids}::int8[])`),
    );
    if (this.#proven.size > MOST_ACTORS) this.#proven.clear();
    for (const { id, sealed } of rows) {
      const actor = actors.get(id);
      if (actor === undefined || key === undefined) this.unproven.count += 1;
      else if (isAsSealed(actor, sealed, key)) this.#proven.add(id);
      else wrong.set(id, 'its actor');
    }
    return wrong;
  }
}

/** A resource type without a number of its own stands in the note. */
function noted(event: StoredEvent): string | undefined {
  if (event.resource_type !== 0 || event.note === '') return undefined;
  try {
    const note = JSON.parse(event.note) as { resource_type?: unknown };
    return typeof note.resource_type === 'string' ? note.resource_type : undefined;
  } catch {
    return undefined;
  }
}

function isAsSealed(actor: StoredActor, sealed: Buffer, key: SubjectKey): boolean {
  let text: string;
  try {
    text = key.open(sealed, sealContext(actor.id)).toString();
  } catch {
    return false;
  }
  const facts = JSON.parse(text) as ActorFacts;
  return (
    key.commitment(text).equals(actor.commitment) &&
    canonicalJson(facts) === text &&
    facts.user === (actor.user_id ?? '') &&
    facts.kind === actor.kind &&
    facts.roles === actor.roles &&
    facts.purpose === actor.purpose
  );
}

function keyIsGone(error: unknown): undefined {
  const code = error instanceof Problem ? error.kind.code : '';
  if (code !== 'ERASED' && code !== 'KEY_MISSING') throw error;
  return undefined;
}
