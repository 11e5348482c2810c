import { refuse } from '../../../platform/problem.ts';
import { selfName } from '../blind-name.ts';
import { inEntry, isRead } from '../bundle/entry.ts';
import type { Target } from '../bundle/step.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { lockAll } from '../stored.ts';
import type { Within } from '../transact.ts';
import { patchFrom } from './patch.ts';
import { patchedRecord } from './patched-record.ts';

/** What the PATCH entries of a transaction make of their records, by entry. */
export async function patchTargets(
  within: Within,
  targets: readonly Target[],
): Promise<Map<number, Resource>> {
  const patched = new Map<number, Resource>();
  const patching = targets.filter(({ entry }) => entry.method === 'PATCH');
  if (patching.length === 0) return patched;
  const hash = await within.store.phi.hasher(within.tx.tenant);
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
      const patch = patchFrom(entry.resource);
      patched.set(entry.index, await patchedRecord(within, { type: entry.type, id }, patch));
    } catch (error) {
      throw inEntry(error, entry.index);
    }
  }
  return patched;
}
