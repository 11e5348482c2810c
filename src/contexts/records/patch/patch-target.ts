import { refuse } from '../../../platform/problem.ts';
import { selfName } from '../blind-name.ts';
import { inEntry, isRead } from '../bundle/entry.ts';
import type { Target } from '../bundle/step.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { lockAll } from '../stored.ts';
import type { Within } from '../transact.ts';
import { requireProfiles } from '../validate/require-profile.ts';
import type { Validating } from '../validate/tenant-validator.ts';
import { patchFrom } from './patch.ts';
import { patchedRecord } from './patched-record.ts';

/** By entry: what a PATCH made of its record, and the profiles that claims and nobody knows. */
type Patched = Map<number, { resource: Resource; unknownProfiles: readonly string[] }>;

/** What the PATCH entries of a transaction make of their records. */
export async function patchTargets(
  within: Within,
  targets: readonly Target[],
  definitions: Validating,
): Promise<Patched> {
  const patched: Patched = new Map();
  const patching = targets.filter(({ entry }) => entry.method === 'PATCH');
  if (patching.length === 0) return patched;
  const { tenant } = within.tx;
  const hash = await within.store.phi.hasher(tenant);
  // All that will be changed, in the order all writes lock in: not first these, then the others.
  const changed = targets.filter(({ entry }) => !isRead(entry) && entry.method !== 'POST');
  await lockAll(
    within.tx,
    changed.map(({ entry, id }) => selfName(hash, entry.type, id)),
  );
  for (const { entry, id, existing } of patching) {
    try {
      if (entry.query !== undefined && existing === undefined) {
        refuse(recordKinds.notFound, `The criteria match no ${entry.type} to patch.`);
      }
      const place = { type: entry.type, id };
      const resource = await patchedRecord(within, place, patchFrom(entry.resource));
      const unknownProfiles = await requireProfiles(definitions, tenant, resource);
      patched.set(entry.index, { resource, unknownProfiles });
    } catch (error) {
      throw inEntry(error, entry.index);
    }
  }
  return patched;
}
