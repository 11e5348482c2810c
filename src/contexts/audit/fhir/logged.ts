import { deedOf } from '../event-row.ts';
import { eventTypes } from '../event-type.ts';
import { eventId, instant } from '../leaf.ts';
import { unpackId } from '../packed-id.ts';
import { groupNames } from '../phi-group.ts';
import { resourceTypes } from '../resource-type.ts';
import type { LogEntry } from '../search.ts';

/** An event of the log in plain words. Empty texts are absent. */
export type Logged = ReturnType<typeof loggedOf>;

export function loggedOf({ event, actor }: LogEntry) {
  const note = event.note === '' ? {} : (JSON.parse(event.note) as Record<string, unknown>);
  const resourceType =
    resourceTypes.name(event.resource_type) || String(note['resource_type'] ?? '');
  const resourceId = unpackId(event.resource_id);
  return {
    id: eventId(event),
    at: instant(event.at),
    type: eventTypes.name(event.type) || String(note['event_type'] ?? ''),
    ...deedOf(event.deed),
    because: event.because,
    groups: groupNames(event.groups),
    subject: event.subject,
    resourceType,
    resourceId,
    reference: resourceType === '' || resourceId === '' ? '' : `${resourceType}/${resourceId}`,
    version: event.version,
    patientId: unpackId(event.patient_id),
    correlation: unpackId(event.correlation),
    note,
    actor,
  };
}
