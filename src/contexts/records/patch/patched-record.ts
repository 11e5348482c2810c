import { refuse } from '../../../platform/problem.ts';
import { requireReach, requireRead } from '../allow.ts';
import { selfName } from '../blind-name.ts';
import { requireStructure } from '../body.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { readEntry } from '../read.ts';
import { openResource, openVisible } from '../render.ts';
import { lockBySelf, type Stored } from '../stored.ts';
import type { Within } from '../transact.ts';
import type { Patch } from './patch.ts';

type Place = { readonly type: string; readonly id: string };

/**
 * What a patch makes of a record as it is now, which stays locked. It is made of what the caller
 * sees, so that a `test` tells nothing else; the rest stays as it was (keep-unseen.ts).
 */
export async function patchedRecord(
  within: Within,
  place: Place,
  patch: Patch,
): Promise<Resource & { id: string }> {
  const { store, tx } = within;
  const { type, id } = place;
  requireReach({ ...within, type, action: 'patch' });
  const self = selfName(await store.phi.hasher(tx.tenant), type, id);
  const current = (await lockBySelf(tx, [self])).get(self);
  if (current === undefined) return refuse(recordKinds.notFound, `${type}/${id} is not known.`);
  const seen = await seenOf(within, current);
  const patched = patch(seen.resource);
  if (patched.resourceType !== type || patched.id !== id) {
    refuse(recordKinds.structure, 'A patch changes neither the type nor the id of a record.');
  }
  if (seen.meta !== undefined && !sameMeta(patched, seen.resource)) {
    refuse(recordKinds.authorizationDenied, 'Your roles do not see the meta of this record.');
  }
  const whole = { ...patched, id, ...(seen.meta === undefined ? {} : { meta: seen.meta }) };
  requireStructure(whole);
  return whole;
}

/** `meta`: that of the record, when it stands in a part the caller does not see. */
async function seenOf(
  within: Within,
  current: Stored,
): Promise<{ resource: Resource; meta: unknown }> {
  const { store, caller, tx, told } = within;
  const { type, id } = current;
  const may = await requireRead({ ...within, type, id, action: 'patch' }, current);
  const sees = await requireRead({ ...within, type, id, action: 'read' }, current);
  if (current.deleted) {
    refuse(recordKinds.gone, `${type}/${id} was deleted.`, {
      headers: { etag: `W/"${current.version}"` },
    });
  }
  const key = (await store.phi.keys(tx, [current.subject], 'refuse')).of(current.subject);
  const groups = new Set([...may.groups].filter((group) => sees.groups.has(group)));
  const { resource, withheld } = openVisible(key, current, groups);
  const entry = readEntry(caller, 'read', current, [...groups], sees.because);
  told.push(entry);
  await store.audit.write(tx, [entry]);
  if (withheld.length === 0) return { resource, meta: undefined };
  const { meta } = openResource(key, current);
  const hidden = JSON.stringify(meta) !== JSON.stringify(resource['meta']);
  return { resource, meta: hidden ? meta : undefined };
}

function sameMeta(one: Resource, other: Resource): boolean {
  return JSON.stringify(one['meta']) === JSON.stringify(other['meta']);
}
