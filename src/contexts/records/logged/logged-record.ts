import { auditEvent, type Logged, provenance } from '#audit';
import type { Caller } from '../../../platform/principal.ts';
import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import { ownSubject } from '../allow.ts';
import type { Store } from '../store.ts';

/** The types the server itself writes, as its log has them. */
export type LoggedType = 'AuditEvent' | 'Provenance';

export function isLoggedType(type: string | undefined): type is LoggedType {
  return type === 'AuditEvent' || type === 'Provenance';
}

export type LoggedRecord = JsonObject & { resourceType: LoggedType; id: string };

/**
 * What an event of the log is to this caller; undefined: nothing they may know. AuditEvents are for
 * who may read the log, a Provenance for who may read the record it is about.
 */
export type Teller = (logged: Logged) => LoggedRecord | undefined;

export async function tellerFor(store: Store, caller: Caller, type: LoggedType): Promise<Teller> {
  const { principal, purpose } = caller;
  const mayAudit = store.access.permits(principal, 'audit.read');
  if (type === 'AuditEvent') return (logged) => (mayAudit ? auditEvent(logged) : undefined);
  const own = await ownSubject(store, caller);
  return (logged) => {
    if (logged.resourceType === '') return undefined;
    const isOwn = logged.subject !== 0n && logged.subject === own;
    const { permit } = store.access.decide(principal, 'read', logged.resourceType, isOwn, purpose);
    return permit ? provenance(logged, mayAudit) : undefined;
  };
}
