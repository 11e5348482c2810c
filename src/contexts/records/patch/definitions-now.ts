import type { Store } from '../store.ts';
import type { Validating } from '../validate/tenant-validator.ts';

/**
 * The definitions as they are now, for use in a transaction: there a look for newer ones would wait
 * for a connection the others hold.
 */
export async function definitionsNow(store: Store, tenant: number): Promise<Validating> {
  const fetched = await store.definitions.of(tenant);
  const codeSets = await store.terminology.codeSets(tenant);
  return {
    definitions: { ...store.definitions, of: async () => fetched },
    terminology: { ...store.terminology, codeSets: async () => codeSets },
    now: store.now,
  };
}
