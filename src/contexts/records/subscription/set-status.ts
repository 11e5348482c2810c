import { guarded } from '../allow.ts';
import { commit } from '../commit.ts';
import { prepare } from '../prepare.ts';
import { openResource } from '../render.ts';
import type { Store } from '../store.ts';
import { lockBySelf } from '../stored.ts';
import { serverCaller } from './system-caller.ts';

export type ServedStatus = 'active' | 'error' | 'off';

/**
 * A new version of the Subscription with this status, written by the server. False when the record
 * has moved on from the version the decision was about: then that one is looked at instead.
 */
export async function setStatus(
  store: Store,
  tenant: number,
  { self, version }: { self: bigint; version: number },
  { status, error }: { status: ServedStatus; error?: string },
): Promise<boolean> {
  const caller = serverCaller(tenant);
  const hash = await store.phi.hasher(tenant);
  return guarded(store, caller, () =>
    commit(store, caller, async (tx, apply) => {
      const stored = (await lockBySelf(tx, [self])).get(self);
      if (stored === undefined || stored.deleted || stored.version !== version) return false;
      const keys = await store.phi.keys(tx, [stored.subject], 'refuse');
      const { error: _old, ...resource } = openResource(keys.of(stored.subject), stored);
      const next = { ...resource, status, ...(error === undefined ? {} : { error }) };
      const prepared = prepare(
        hash,
        { ...next, resourceType: 'Subscription', id: stored.id },
        store.baseUrl,
      );
      await apply([{ deed: 'update', method: 'PUT', prepared }], true);
      return true;
    }),
  );
}
