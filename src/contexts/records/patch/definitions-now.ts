import type { Store } from '../store.ts';

/**
 * The definitions as they are now, for use in a transaction: there a look for newer ones would wait
 * for a connection the others hold.
 */
export async function definitionsNow(
  store: Pick<Store, 'definitions'>,
  tenant: number,
): Promise<Pick<Store, 'definitions'>> {
  const fetched = await store.definitions.of(tenant);
  return { definitions: { ...store.definitions, of: async () => fetched } };
}
