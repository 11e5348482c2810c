import type { AuditEntry } from '#audit';
import type { Database, Transaction } from '../../platform/postgres/database.ts';
import type { Store } from './store.ts';
import { currentBySelf } from './stored.ts';

/** Inside a transaction; `told` is what the audit is told there. */
export type Inside = { readonly tx: Transaction; readonly told: AuditEntry[] };

/**
 * The same store, every statement of which runs in this transaction: one that waited for a second
 * connection while others do the same would wait for ever. The answer leaves after the commit, and
 * with it the audit rows are durable.
 */
export function inside(store: Store, { tx, told }: Inside): Store {
  const database: Database = { ...store.database, transaction: (_tenant, work) => work(tx) };
  const fetch = async (_tenant: number, self: bigint) =>
    (await currentBySelf(tx, [self])).get(self);
  const audit = {
    ...store.audit,
    async release(_tenant: number, entries: readonly AuditEntry[]) {
      told.push(...entries);
      await store.audit.write(tx, entries);
    },
  };
  // As they were when the transaction was begun: a look for newer ones would need a connection.
  const searchParameters: Store['searchParameters'] = {
    ...store.searchParameters,
    of: async (tenant) => store.searchParameters.known(tenant),
  };
  const searches: Store['searches'] = { read: (_tenant, _shape, work) => work(tx) };
  return { ...store, database, audit, searchParameters, searches, reads: { fetch } };
}
