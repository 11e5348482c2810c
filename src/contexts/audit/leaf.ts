import { int8Array } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { leafHash } from '../../standards/transparency/merkle-tree.ts';
import { deedOf } from './event-row.ts';
import { eventTypes } from './event-type.ts';
import { unpackId } from './packed-id.ts';
import { groupNames } from './phi-group.ts';
import { resourceTypes } from './resource-type.ts';

/** What of a row of audit.event enters its leaf, as `leafColumns` reads it. */
export type LeafEvent = {
  readonly xid: bigint;
  readonly nth: number;
  /** PostgreSQL's own text, so that no microsecond is lost. */
  readonly at: string;
  readonly actor: bigint;
  readonly subject: bigint;
  readonly version: number;
  readonly type: number;
  readonly deed: number;
  readonly resource_type: number;
  readonly groups: number;
  readonly commitment: Buffer;
  readonly correlation: Buffer;
  readonly because: string;
  readonly note: string;
};

/** And what is erased with its subject, as `eventColumns` reads it. */
export type StoredEvent = LeafEvent & {
  readonly resource_hash: number;
  readonly resource_id: Buffer;
  readonly patient_id: Buffer;
};

export const leafColumns = sql`xid, nth, at::text as at, actor, subject, version, type, deed,
  resource_type, groups, commitment, correlation, because, note`;

export const eventColumns = sql`${leafColumns}, resource_hash, resource_id, patient_id`;

/** A row of audit.actor without what is sealed. */
export type StoredActor = {
  readonly id: bigint;
  readonly user_id: string | null;
  readonly kind: string;
  readonly roles: string;
  readonly purpose: string;
  readonly commitment: Buffer;
};

export type LeafContent = ReturnType<typeof leafContent>;

/**
 * What of an event enters the tree: nothing that is erased with its subject. Ids of patient and
 * resource, address and agent stand behind the two commitments. Members are in order of name, so
 * that JSON.stringify writes the canonical form (RFC 8785) without sorting.
 */
export function leafContent(tenant: number, event: LeafEvent, actor: StoredActor | undefined) {
  const { action, outcome } = deedOf(event.deed);
  return {
    action,
    actor: actor?.commitment.toString('base64') ?? '',
    at: instant(event.at),
    because: event.because,
    commitment: event.commitment.toString('base64'),
    correlation: unpackId(event.correlation),
    groups: groupNames(event.groups),
    id: eventId(event),
    kind: actor?.kind ?? '',
    note: event.note,
    outcome,
    purpose: actor?.purpose ?? '',
    resource_type: resourceTypes.name(event.resource_type),
    roles: actor?.roles ?? '',
    subject: String(event.subject),
    tenant,
    type: eventTypes.name(event.type),
    user: actor?.user_id ?? '',
    version: event.version,
  };
}

export function leafOf(content: LeafContent): Buffer {
  return leafHash(JSON.stringify(content));
}

export function eventId({ xid, nth }: { xid: bigint; nth: number }): string {
  return `${xid}-${nth}`;
}

/** `2026-11-22 03:04:05.678901+00` as ISO 8601: the session's time zone is UTC. */
export function instant(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
}

/** The actors of these events; an absent row (only tampering takes one away) is left out. */
export async function loadActors(
  tx: Transaction,
  events: readonly LeafEvent[],
): Promise<Map<bigint, StoredActor>> {
  const ids = [...new Set(events.map((event) => event.actor))];
  const rows = await tx.rows<StoredActor>(sql`
    select id, user_id, kind, roles, purpose, commitment from audit.actor
      where tenant = ${tx.tenant} and id = any(${int8Array(ids)}::int8[])`);
  return new Map(rows.map((row) => [row.id, row]));
}
