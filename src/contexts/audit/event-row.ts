import { crc32 } from 'node:zlib';
import type { SubjectKey } from '#phi';
import { canonicalJson, type JsonObject } from '../../standards/transparency/canonical-json.ts';
import { type AuditEntry, actions, outcomes } from './entry.ts';
import { eventTypes } from './event-type.ts';
import { packId } from './packed-id.ts';
import { groupBits } from './phi-group.ts';
import { resourceTypes } from './resource-type.ts';

/** What an entry becomes in audit.event, but for who and when. */
export type EventRow = {
  readonly subject: bigint;
  readonly version: number;
  readonly resourceHash: number;
  readonly type: number;
  readonly deed: number;
  readonly resourceType: number;
  readonly groups: number;
  readonly resourceId: Buffer;
  readonly patientId: Buffer;
  readonly commitment: Buffer;
  readonly correlation: Buffer;
  readonly because: string;
  readonly note: string;
};

/** Characters. Beyond them a note is a mistake of the caller, and the row says so. */
const NOTE = 4096;
const BECAUSE = 256;
/** FHIR R4 datatypes.html#id: whatever else stands in a URL may be a name, and is not kept. */
const logicalId = /^[A-Za-z0-9.-]{1,64}$/;
const none = Buffer.alloc(0);

/** `key`: of the entry's subject, as it stands in the row. */
export function eventRow(entry: AuditEntry, subject: bigint, key: SubjectKey): EventRow {
  const resourceId = idOf(entry.resourceId);
  const { resourceType = '' } = entry;
  const ofPatient = resourceType === 'Patient' && subject !== 0n ? entry.resourceId : undefined;
  const patientId = idOf(entry.patientId ?? ofPatient);
  return {
    subject,
    version: entry.version ?? 0,
    resourceHash: resourceHash(resourceId),
    type: eventTypes.number(entry.type),
    deed: deedNumber(entry),
    resourceType: resourceTypes.number(resourceType),
    groups: groupBits(entry.groups ?? []),
    resourceId: packId(resourceId),
    patientId: packId(patientId),
    commitment:
      resourceId === '' && patientId === ''
        ? none
        : key.commitment(committedText(patientId, resourceType, resourceId)),
    correlation: packId(entry.caller.correlation),
    because: clean((entry.because ?? '').slice(0, BECAUSE)),
    note: noteText(entry),
  };
}

function idOf(id: string | undefined): string {
  return id !== undefined && logicalId.test(id) ? id : '';
}

/** No part holds a bar, so the text stands for one triple only. */
export function committedText(patientId: string, resourceType: string, id: string): string {
  return `${patientId}|${resourceType}|${id}`;
}

/** An index of 4-byte keys finds a resource's events; its id tells the few others apart. */
export function resourceHash(id: string): number {
  return id === '' ? 0 : crc32(id) | 0;
}

function deedNumber(entry: AuditEntry): number {
  return actions.indexOf(entry.action) * outcomes.length + outcomes.indexOf(entry.outcome);
}

export function deedOf(number: number) {
  return {
    action: actions[Math.floor(number / outcomes.length)] ?? '',
    outcome: outcomes[number % outcomes.length] ?? '',
  };
}

/** Names without a number of their own go along in the note. */
function noteText(entry: AuditEntry): string {
  const { type, resourceType = '', note } = entry;
  const named: Record<string, string> = {};
  if (eventTypes.number(type) === 0) named['event_type'] = type;
  if (resourceType !== '' && resourceTypes.number(resourceType) === 0) {
    named['resource_type'] = resourceType;
  }
  if (note === undefined && Object.keys(named).length === 0) return '';
  const text = canonicalJson(wellFormed({ ...note, ...named }));
  return text.length <= NOTE ? text : canonicalJson({ ...named, note_too_long: text.length });
}

function wellFormed(note: JsonObject): JsonObject {
  const entries = Object.entries(note).map(([name, value]) => [
    name.toWellFormed(),
    typeof value === 'string' ? value.toWellFormed() : value,
  ]);
  return Object.fromEntries(entries);
}

/** PostgreSQL's text cannot hold NUL. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}
