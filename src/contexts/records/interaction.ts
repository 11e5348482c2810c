import { randomUUID } from 'node:crypto';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { joinGroups, metaText } from '../../standards/fhir/sensitivity.ts';
import { guarded } from './allow.ts';
import { selfName } from './blind-name.ts';
import { requireId, requireSameType, requireType } from './body.ts';
import type { Applied } from './change.ts';
import { commit } from './commit.ts';
import { type Criteria, lockCriteria, type Match, theOne } from './conditional.ts';
import { type Prepared, prepare, type Resource } from './prepare.ts';
import { recordKinds } from './problems.ts';
import type { Store } from './store.ts';

/** What an interaction answers: status and the headers FHIR R4 http.html#ops asks for. */
export type Outcome = {
  readonly status: number;
  readonly applied: Applied;
  /** The record as it now is, for `Prefer: return=representation`. */
  readonly json: Buffer | undefined;
};

type Asked = { readonly store: Store; readonly caller: Caller };

/**
 * FHIR R4 http.html#create; with criteria, http.html#ccreate: an existing match is left as it is.
 */
export function createRecord(
  asked: Asked,
  resource: Resource,
  ifNoneExist?: string,
): Promise<Outcome> {
  const { store, caller } = asked;
  const type = requireType(resource.resourceType);
  return guarded(store, caller, async () => {
    const prepared = await prepareFor(asked, { ...resource, id: randomUUID() });
    const change = { deed: 'create' as const, method: 'POST' as const, prepared };
    if (ifNoneExist === undefined) {
      return outcomeOf(resource, prepared, await store.writes.write(store, caller, change));
    }
    return commit(store, caller, async (tx, apply) => {
      const criteria: Criteria = { type, query: ifNoneExist };
      await lockCriteria({ ...asked, tx }, [criteria]);
      const existing = await theOne({ ...asked, tx }, criteria);
      if (existing !== undefined) return unchanged(type, existing);
      const [applied] = await apply([change], true);
      return outcomeOf(resource, prepared, applied);
    });
  });
}

/** FHIR R4 http.html#update; a record that is not there yet is made under the id given. */
export function updateRecord(
  asked: Asked & { type: string; id: string; ifMatch?: number },
  resource: Resource,
): Promise<Outcome> {
  const { store, caller, ifMatch } = asked;
  requireSameType(resource, requireType(asked.type));
  requireId(asked.id);
  if (resource.id !== asked.id) {
    refuse(recordKinds.mismatch, 'The id in the body must be the id in the path.');
  }
  return guarded(store, caller, async () => {
    const prepared = await prepareFor(asked, { ...resource, id: asked.id });
    const match = ifMatch === undefined ? {} : { ifMatch };
    const change = { deed: 'update' as const, method: 'PUT' as const, prepared, ...match };
    return outcomeOf(resource, prepared, await store.writes.write(store, caller, change));
  });
}

/** FHIR R4 http.html#delete: 204 whether or not there was something to delete. */
export function deleteRecord(
  asked: Asked & { type: string; id: string; ifMatch?: number },
): Promise<Outcome> {
  const { store, caller, id, ifMatch } = asked;
  const type = requireType(asked.type);
  requireId(id);
  return guarded(store, caller, async () => {
    const self = selfName(await store.phi.hasher(caller.principal.tenant), type, id);
    const match = ifMatch === undefined ? {} : { ifMatch };
    const change = { deed: 'delete' as const, type, id, self, ...match };
    const applied = await store.writes.write(store, caller, change);
    return { status: 204, applied, json: undefined };
  });
}

async function prepareFor(asked: Asked, resource: Resource & { id: string }): Promise<Prepared> {
  const hash = await asked.store.phi.hasher(asked.caller.principal.tenant);
  return prepare(hash, resource, asked.store.baseUrl);
}

function unchanged(type: string, { id, version, updatedAt }: Match): Outcome {
  const applied = { type, id, version, updatedAt, created: false };
  return { status: 200, applied, json: undefined };
}

function outcomeOf(resource: Resource, prepared: Prepared, applied: Applied | undefined): Outcome {
  if (applied === undefined) throw new Error('a change without an outcome');
  const json = writtenJson(resource, prepared, applied);
  return { status: applied.created ? 201 : 200, applied, json };
}

/** The record just written, from what is at hand. */
export function writtenJson(resource: Resource, prepared: Prepared, applied: Applied): Buffer {
  const version = {
    type: applied.type,
    id: applied.id,
    versionId: String(applied.version),
    lastUpdated: applied.updatedAt.toISOString(),
  };
  return joinGroups(version, metaText(resource), [...prepared.parts.values()]);
}
