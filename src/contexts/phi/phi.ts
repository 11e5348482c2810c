import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { Hasher } from './blind-hash.ts';
import { KeyCache } from './key-cache.ts';
import type { KeyProvider } from './key-provider.ts';
import { openSubjectKeys, type SubjectKeys } from './subject-keys.ts';
import { openTenantKeys } from './tenant-key.ts';

export type Phi = {
  /** Makes the key of `tx.tenant`; once per tenant, in the transaction that makes the tenant. */
  createTenant(tx: Transaction): Promise<void>;
  /** Ask before a transaction is begun: the first call per tenant runs one of its own. */
  hasher(tenant: number): Promise<Hasher>;
  /**
   * Data keys of these subjects, from a bounded cache or the table; 'make' creates missing ones in
   * `tx`. Subject 0n is the tenant's own, for records of nobody. Refuses with ERASED (410) when one
   * was destroyed, KEY_MISSING (500) when one is missing and not to be made.
   */
  keys(
    tx: Transaction,
    subjects: readonly bigint[],
    missing: 'make' | 'refuse',
  ): Promise<SubjectKeys>;
  /** From the cache alone, no I/O: undefined unless all are there. */
  cachedKeys(tenant: number, subjects: readonly bigint[]): SubjectKeys | undefined;
  /** Erases the subject everywhere by destroying its key; for good, once `tx` commits. */
  destroy(tx: Transaction, subject: bigint): Promise<void>;
  /** Whether a subject of `tx.tenant` was erased after that instant: copies made then must go. */
  erasedSince(tx: Transaction, at: Date): Promise<boolean>;
};

/** Opens the door. Call `proveKeyProvider` first, so that a wrong keyring is found at the start. */
export function openPhi(database: Database, provider: KeyProvider): Phi {
  const tenantKeys = openTenantKeys(provider);
  const cache = new KeyCache(() => performance.now());
  const { keys, cachedKeys, destroy } = openSubjectKeys(tenantKeys, cache);
  return {
    keys,
    cachedKeys,
    destroy,
    async erasedSince(tx, at) {
      const erased = await tx.row(sql`select 1 from phi.subject_key
        where tenant = ${tx.tenant} and destroyed_at > ${at.toISOString()}::timestamptz limit 1`);
      return erased !== undefined;
    },
    async createTenant(tx) {
      await tenantKeys.create(tx);
      await keys(tx, [0n], 'make');
    },
    async hasher(tenant) {
      const known = tenantKeys.cached(tenant);
      if (known !== undefined) return known.hasher;
      const loaded = await database.transaction(tenant, (tx) => tenantKeys.load(tx));
      return loaded.hasher;
    },
  };
}
