import { type Static, Type } from 'typebox';
import { deedOf } from './event-row.ts';
import { eventTypes } from './event-type.ts';
import { eventId, instant } from './leaf.ts';
import { unpackId } from './packed-id.ts';
import { groupNames } from './phi-group.ts';
import { resourceTypes } from './resource-type.ts';
import type { LogEntry } from './search.ts';

const text = Type.String();
const textOrNull = Type.Union([Type.String(), Type.Null()]);

export const logSchema = Type.Object({
  id: text,
  timestamp: text,
  event_type: text,
  action: text,
  outcome: text,
  user_id: textOrNull,
  user_roles: Type.Array(text),
  ip_address: textOrNull,
  user_agent: textOrNull,
  resource_type: textOrNull,
  resource_id: textOrNull,
  version: Type.Union([Type.Integer(), Type.Null()]),
  patient_id: textOrNull,
  phi_groups: Type.Array(text),
  purpose: textOrNull,
  reason: textOrNull,
  correlation_id: textOrNull,
  details: Type.Record(Type.String(), Type.Unknown()),
});

/** An event as the REST face tells it. */
export function logBody({ event, actor }: LogEntry): Static<typeof logSchema> {
  const { event_type, resource_type, ...note } = noteOf(event.note);
  return {
    id: eventId(event),
    timestamp: instant(event.at),
    event_type: eventTypes.name(event.type) || String(event_type ?? ''),
    ...deedOf(event.deed),
    user_id: orNull(actor?.user),
    user_roles: actor === undefined || actor.roles === '' ? [] : actor.roles.split(' '),
    ip_address: orNull(actor?.ip),
    user_agent: orNull(actor?.agent),
    resource_type: orNull(resourceTypes.name(event.resource_type) || String(resource_type ?? '')),
    resource_id: orNull(unpackId(event.resource_id)),
    version: event.version === 0 ? null : event.version,
    patient_id: orNull(unpackId(event.patient_id)),
    phi_groups: groupNames(event.groups),
    purpose: orNull(actor?.purpose),
    reason: orNull(event.because),
    correlation_id: orNull(unpackId(event.correlation)),
    details: {
      ...note,
      ...(actor === undefined || actor.account === '' ? {} : { account: actor.account }),
    },
  };
}

function orNull(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}

function noteOf(note: string): Record<string, unknown> {
  return note === '' ? {} : (JSON.parse(note) as Record<string, unknown>);
}
