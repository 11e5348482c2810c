import { randomUUID } from 'node:crypto';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { joinGroups } from '../../standards/fhir/sensitivity.ts';
import { guarded } from './allow.ts';
import { selfName } from './blind-name.ts';
import { requireId, requireSameType, requireType } from './body.ts';
import type { Applied, Change, Precondition } from './change.ts';
import { criteriaOfNoneExist, type Match, theOne, transactOn } from './conditional.ts';
import { inside } from './inside.ts';
import { type Prepared, prepare, type Resource } from './prepare.ts';
import { recordKinds } from './problems.ts';
import { readRecord } from './read.ts';
import type { Store } from './store.ts';
import { type Frame, transact, type Within } from './transact.ts';
import { requireProfiles } from './validate/require-profile.ts';

/** What an interaction answers: status and the headers FHIR R4 http.html#ops asks for. */
export type Outcome = {
  readonly status: number;
  readonly applied: Applied;
  /** The record as it now is, for `Prefer: return=representation`. */
  readonly json: Buffer | undefined;
  readonly unknownProfiles?: readonly string[] | undefined;
};

export type Asked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly frame?: Frame<Outcome> | undefined;
};

export type Target = Precondition & { readonly type: string; readonly id: string };

/** FHIR R4 http.html#create. */
export function createRecord(asked: Asked, resource: Resource): Promise<Outcome> {
  requireType(resource.resourceType);
  return guarded(asked.store, asked.caller, async () => {
    const prepared = await prepareFor(asked, { ...resource, id: randomUUID() });
    const change = { deed: 'create' as const, method: 'POST' as const, prepared };
    return single(asked, change, (applied) => outcomeOf(prepared, applied));
  });
}

/**
 * FHIR R4 http.html#ccreate: an existing match is left as it is, and shown to who may read it when
 * `shown`.
 */
export async function createUnlessThere(
  asked: Asked & { readonly ifNoneExist: string; readonly shown: boolean },
  resource: Resource,
): Promise<Outcome> {
  const type = requireType(resource.resourceType);
  const prepared = await prepareFor(asked, { ...resource, id: randomUUID() });
  const change = { deed: 'create' as const, method: 'POST' as const, prepared };
  const criteria = criteriaOfNoneExist(type, asked.ifNoneExist);
  return transactOn(asked, criteria, async (within, apply) => {
    const existing = await theOne(within, criteria);
    if (existing !== undefined) return unchanged(within, type, existing, asked.shown);
    const [applied] = await apply([change], true);
    return outcomeOf(prepared, applied);
  });
}

/** FHIR R4 http.html#update; a record that is not there yet is made under the id given. */
export function updateRecord(asked: Asked & Target, resource: Resource): Promise<Outcome> {
  const { type, id, ifMatch, ifNoneMatch } = asked;
  requireSameType(resource, requireType(type));
  requireId(id);
  if (resource.id !== id) {
    refuse(recordKinds.mismatch, 'The id in the body must be the id in the path.');
  }
  return guarded(asked.store, asked.caller, async () => {
    const prepared = await prepareFor(asked, { ...resource, id });
    const change = { deed: 'update' as const, method: 'PUT' as const, prepared };
    return single(asked, { ...change, ifMatch, ifNoneMatch }, (applied) =>
      outcomeOf(prepared, applied),
    );
  });
}

/** FHIR R4 http.html#delete: 204 whether or not there was something to delete. */
export function deleteRecord(asked: Asked & Target): Promise<Outcome> {
  const { store, caller, id, ifMatch, ifNoneMatch } = asked;
  const type = requireType(asked.type);
  requireId(id);
  return guarded(store, caller, async () => {
    const self = selfName(await store.phi.hasher(caller.principal.tenant), type, id);
    const change = { deed: 'delete' as const, type, id, self, ifMatch, ifNoneMatch };
    return single(asked, change, deleted);
  });
}

/** Alone it shares a transaction with its neighbours; with something around it, it has its own. */
async function single(
  asked: Asked,
  change: Change,
  outcome: (applied: Applied | undefined) => Outcome,
): Promise<Outcome> {
  const { store, caller, frame } = asked;
  if (frame === undefined) return outcome(await store.writes.write(store, caller, change));
  return transact(asked, async (_within, apply) => outcome((await apply([change], true))[0]));
}

async function prepareFor(
  asked: Pick<Asked, 'store' | 'caller'>,
  resource: Resource & { id: string },
): Promise<Prepared> {
  return (await preparing(asked, resource))(resource);
}

/**
 * What of preparing a resource waits for something: done before a transaction is begun, which would
 * wait for a connection the others hold. The rest needs the id and waits for nothing.
 */
export async function preparing(
  { store, caller }: Pick<Asked, 'store' | 'caller'>,
  claiming: Resource,
): Promise<(resource: Resource & { id: string }) => Prepared> {
  const { tenant } = caller.principal;
  const unknownProfiles = await requireProfiles(store, tenant, claiming);
  const hash = await store.phi.hasher(tenant);
  return (resource) => {
    const prepared = prepare(hash, resource, store.baseUrl);
    return unknownProfiles.length === 0 ? prepared : { ...prepared, unknownProfiles };
  };
}

async function unchanged(
  within: Within,
  type: string,
  { id, version, updatedAt }: Match,
  shown: boolean,
): Promise<Outcome> {
  const applied = { type, id, version, updatedAt, created: false };
  if (!shown) return { status: 200, applied, json: undefined };
  const { caller } = within;
  const read = await readRecord({ store: inside(within.store, within), caller, type, id });
  return { status: 200, applied, json: read.rendered.json };
}

export function deleted(applied: Applied | undefined): Outcome {
  if (applied === undefined) throw new Error('a change without an outcome');
  return { status: 204, applied, json: undefined };
}

export function outcomeOf(prepared: Prepared, applied: Applied | undefined): Outcome {
  if (applied === undefined) throw new Error('a change without an outcome');
  const json = writtenJson(prepared, applied);
  const { unknownProfiles } = prepared;
  return { status: applied.created ? 201 : 200, applied, json, unknownProfiles };
}

/** The record just written, from what is at hand. */
export function writtenJson(prepared: Prepared, applied: Applied): Buffer {
  const version = {
    type: applied.type,
    id: applied.id,
    versionId: String(applied.version),
    lastUpdated: applied.updatedAt.toISOString(),
  };
  return joinGroups(version, prepared.meta, [...prepared.parts.values()]);
}
