import type { Action } from '#access';
import type { AuditEntry } from '#audit';
import type { SubjectKey, SubjectKeys } from '#phi';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import type { Group } from '../../standards/fhir/sensitivity.ts';
import { requireReach, requireRead } from './allow.ts';
import { selfName } from './blind-name.ts';
import { recordKinds } from './problems.ts';
import { type Rendered, renderRecord } from './render.ts';
import type { Store } from './store.ts';
import { type Stored, versionOf } from './stored.ts';
import { versionAsOf } from './version-as-of.ts';

export type Read = { readonly stored: Stored; readonly rendered: Rendered };

type Asked = { store: Store; caller: Caller; type: string; id: string };

/** FHIR R4 http.html#read: the current version; 404 never was, 410 deleted. */
export async function readRecord(asked: Asked): Promise<Read> {
  const { store, caller, type, id } = asked;
  requireReach({ ...asked, action: 'read' });
  const { tenant } = caller.principal;
  const self = selfName(await store.phi.hasher(tenant), type, id);
  const stored = await store.reads.fetch(tenant, self);
  return release(asked, 'read', stored);
}

/** FHIR R4 http.html#vread. */
export async function readVersion(asked: Asked & { version: number }): Promise<Read> {
  const { store, caller, type, id, version } = asked;
  requireReach({ ...asked, action: 'vread' });
  const { tenant } = caller.principal;
  const self = selfName(await store.phi.hasher(tenant), type, id);
  const stored = await store.database.transaction(tenant, (tx) => versionOf(tx, self, version));
  return release(asked, 'vread', stored);
}

/** The record as it was at an instant; 404 before it was, 410 while it was deleted. */
export async function readAsOf(asked: Asked & { at: Date }): Promise<Read> {
  const { store, caller, type, id, at } = asked;
  requireReach({ ...asked, action: 'vread' });
  const { tenant } = caller.principal;
  const self = selfName(await store.phi.hasher(tenant), type, id);
  const stored = await store.database.transaction(tenant, (tx) => versionAsOf(tx, self, at));
  return release(asked, 'vread', stored);
}

/** Decides, makes the audit row durable, and only then lets the content out. */
async function release(asked: Asked, action: Action, stored: Stored | undefined): Promise<Read> {
  const { store, caller } = asked;
  const { tenant } = caller.principal;
  if (stored === undefined) {
    await store.audit.release(tenant, [missing(asked, action)]);
    return refuse(recordKinds.notFound, `${asked.type}/${asked.id} is not known.`);
  }
  const decision = await requireRead({ ...asked, action }, stored);
  const key = await keyOf(store, tenant, stored.subject);
  const { because } = decision;
  if (stored.deleted) {
    await store.audit.release(tenant, [readEntry(caller, action, stored, [], because)]);
    return refuse(recordKinds.gone, `${asked.type}/${asked.id} was deleted.`, {
      headers: { etag: `W/"${stored.version}"` },
    });
  }
  const rendered = renderRecord(key, stored, decision.groups);
  const entry = readEntry(caller, action, stored, rendered.groups, because);
  await store.audit.release(tenant, [entry]);
  store.counted(action === 'vread' ? 'vread' : 'read', 1);
  return { stored, rendered };
}

export async function keyOf(store: Store, tenant: number, subject: bigint): Promise<SubjectKey> {
  return (await keysOf(store, tenant, [subject])).of(subject);
}

async function keysOf(
  store: Store,
  tenant: number,
  subjects: readonly bigint[],
): Promise<SubjectKeys> {
  return (
    store.phi.cachedKeys(tenant, subjects) ??
    (await store.database.transaction(tenant, (tx) => store.phi.keys(tx, subjects, 'refuse')))
  );
}

/** The audit row of one record shown to one caller. */
export function readEntry(
  caller: Caller,
  action: Action,
  stored: Stored,
  groups: readonly Group[],
  because: string,
): AuditEntry {
  return {
    type: `record.${action}`,
    action: 'R',
    outcome: 'success',
    caller,
    resourceType: stored.type,
    resourceId: stored.id,
    version: stored.version,
    subject: stored.subject,
    ...(stored.patientId === undefined ? {} : { patientId: stored.patientId }),
    groups,
    because,
  };
}

/**
 * What nobody has is not kept in clear unless it is an id of the form we make: it may be a name.
 */
function missing(asked: Asked, action: Action): AuditEntry {
  return {
    type: `record.${action}`,
    action: 'R',
    outcome: 'failure',
    caller: asked.caller,
    resourceType: asked.type,
    ...(uuid.test(asked.id) ? { resourceId: asked.id } : {}),
    because: 'not-found',
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
