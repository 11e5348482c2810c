import type { Phi, SubjectKey } from '#phi';
import {
  byteaArray,
  int2Array,
  int4Array,
  int8Array,
  textArray,
} from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { type Sql, sql } from '../../platform/postgres/sql.ts';
import { Problem } from '../../platform/problem.ts';
import { type Actor, actorOf, factsOf } from './actor.ts';
import { ActorCache, actorName } from './actor-cache.ts';
import { type ClusterFloor, openClusterFloor } from './cluster.ts';
import type { AuditEntry } from './entry.ts';
import { type EventRow, eventRow } from './event-row.ts';

export type Writer = {
  readonly actors: ActorCache;
  readonly floor: ClusterFloor;
  /** One insert however many entries, and one more when an actor is new: made, not yet sent. */
  statements(tx: Transaction, entries: readonly AuditEntry[]): Promise<Statements>;
};

export type Statements = {
  readonly all: readonly Sql[];
  /** Ids of the actors among them, to be adopted once the transaction has committed. */
  readonly fresh: readonly bigint[];
};

/** Order within one transaction; wraps after 2 billion, more than a transaction can hold. */
const NTH = 0x7fff_ffff;

export function openWriter(phi: Phi): Writer {
  const actors = new ActorCache();
  const floor = openClusterFloor();
  let nth = 0;
  return {
    actors,
    floor,
    async statements(tx, entries) {
      if (entries.length === 0) return { all: [], fresh: [] };
      const [low, keyOf] = await Promise.all([floor(tx), keysFor(phi, tx, entries)]);
      const fresh = new Map<string, Actor>();
      const actorIds = entries.map(({ caller }) => {
        const name = actorName(tx.tenant, caller);
        const known = actors.find(name) ?? fresh.get(name)?.id;
        if (known !== undefined) return known;
        const made = actorOf(factsOf(caller), keyOf(0n).key);
        fresh.set(name, made);
        actors.expect(tx.tenant, made.id, name);
        return made.id;
      });
      const rows = entries.map((entry) => {
        const { subject, key } = keyOf(entry.subject ?? 0n);
        return eventRow(entry, subject, key);
      });
      const numbers = rows.map(() => (nth = (nth + 1) & NTH));
      const brought = [...fresh.values()];
      const events = insertEvents(tx.tenant, low, numbers, actorIds, rows);
      const all = brought.length === 0 ? [events] : [insertActors(tx.tenant, brought), events];
      return { all, fresh: brought.map((actor) => actor.id) };
    },
  };
}

type KeyOf = (subject: bigint) => { subject: bigint; key: SubjectKey };

/**
 * The key of each entry's subject; of one already erased, the tenant's own: the deed still counts.
 */
async function keysFor(phi: Phi, tx: Transaction, entries: readonly AuditEntry[]): Promise<KeyOf> {
  const subjects = [...new Set([0n, ...entries.map((entry) => entry.subject ?? 0n)])];
  const cached = phi.cachedKeys(tx.tenant, subjects);
  if (cached !== undefined) return (subject) => ({ subject, key: cached.of(subject) });
  try {
    const keys = await phi.keys(tx, subjects, 'make');
    return (subject) => ({ subject, key: keys.of(subject) });
  } catch (error) {
    if (!isErased(error)) throw error;
  }
  const found = new Map<bigint, SubjectKey>();
  for (const subject of subjects) {
    const keys = await phi.keys(tx, [subject], 'make').catch((error: unknown) => {
      if (!isErased(error)) throw error;
      return undefined;
    });
    if (keys !== undefined) found.set(subject, keys.of(subject));
  }
  const own = found.get(0n);
  if (own === undefined) throw new Error('audit: the tenant has no key of its own');
  return (subject) => {
    const key = found.get(subject);
    return key === undefined ? { subject: 0n, key: own } : { subject, key };
  };
}

export function isErased(error: unknown): boolean {
  return error instanceof Problem && error.kind.code === 'ERASED';
}

function insertActors(tenant: number, rows: readonly Actor[]): Sql {
  return sql`
    insert into audit.actor (tenant, id, user_id, kind, roles, purpose, sealed, commitment)
    select ${tenant}::int4, id, user_id::uuid, kind, roles, purpose, sealed, commitment
      from unnest(
        ${int8Array(rows.map((row) => row.id))}::int8[],
        ${textArray(rows.map((row) => row.userId))}::text[],
        ${textArray(rows.map((row) => row.kind))}::text[],
        ${textArray(rows.map((row) => row.roles))}::text[],
        ${textArray(rows.map((row) => row.purpose))}::text[],
        ${byteaArray(rows.map((row) => row.sealed))}::bytea[],
        ${byteaArray(rows.map((row) => row.commitment))}::bytea[]
      ) as actor (id, user_id, kind, roles, purpose, sealed, commitment)`;
}

function insertEvents(
  tenant: number,
  floor: bigint,
  nth: readonly number[],
  actors: readonly bigint[],
  rows: readonly EventRow[],
): Sql {
  return sql`
    insert into audit.event (tenant, xid, nth, actor, subject, version, resource_hash, type, deed,
      resource_type, groups, resource_id, patient_id, commitment, correlation, because, note)
    select ${tenant}::int4, (select ${floor}::int8 + pg_current_xact_id()::text::int8), event.*
      from unnest(
        ${int4Array(nth)}::int4[],
        ${int8Array(actors)}::int8[],
        ${int8Array(rows.map((row) => row.subject))}::int8[],
        ${int4Array(rows.map((row) => row.version))}::int4[],
        ${int4Array(rows.map((row) => row.resourceHash))}::int4[],
        ${int2Array(rows.map((row) => row.type))}::int2[],
        ${int2Array(rows.map((row) => row.deed))}::int2[],
        ${int2Array(rows.map((row) => row.resourceType))}::int2[],
        ${int2Array(rows.map((row) => row.groups))}::int2[],
        ${byteaArray(rows.map((row) => row.resourceId))}::bytea[],
        ${byteaArray(rows.map((row) => row.patientId))}::bytea[],
        ${byteaArray(rows.map((row) => row.commitment))}::bytea[],
        ${byteaArray(rows.map((row) => row.correlation))}::bytea[],
        ${textArray(rows.map((row) => row.because))}::text[],
        ${textArray(rows.map((row) => row.note))}::text[]
      ) as event`;
}
