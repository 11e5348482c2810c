import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { refuse } from '../../platform/problem.ts';
import { blindHasher, type HashCache, type Hasher } from './blind-hash.ts';
import type { KeyProvider } from './key-provider.ts';
import { deriveKey, hashKey } from './keyed-hash.ts';
import { phiKinds } from './problems.ts';

/** What the tenant's secret is used for, each under a key of its own. */
export type TenantKey = { readonly wrapping: KeyObject; readonly hasher: Hasher };

export type TenantKeys = {
  create(tx: Transaction): Promise<void>;
  cached(tenant: number): TenantKey | undefined;
  load(tx: Transaction): Promise<TenantKey>;
};

const VERSION = 1;
/** Per process; the one loaded first goes first, and costs one unwrapping to load again. */
const CACHED_TENANTS = 10_000;

type Row = { version: number; provider: string; wrapped: Buffer };

export function openTenantKeys(provider: KeyProvider): TenantKeys {
  const keys = new Map<number, TenantKey>();
  const loading = new Map<number, Promise<TenantKey>>();
  /** A transaction that made its tenant's key may roll back: until it commits only it knows. */
  const uncommitted = new WeakMap<Transaction, TenantKey>();
  const hashes: HashCache = new Map();

  async function unwrap(tenant: number, row: Row): Promise<TenantKey> {
    if (row.provider !== provider.id) {
      refuse(phiKinds.keyMissing, `The key of tenant ${tenant} is held by '${row.provider}'.`);
    }
    const secret = await provider.unwrap(row.wrapped, contextOf(tenant, row.version));
    const key = fromSecret(tenant, secret, hashes);
    const oldest = keys.keys().next();
    if (keys.size >= CACHED_TENANTS && !oldest.done) keys.delete(oldest.value);
    keys.set(tenant, key);
    return key;
  }

  return {
    cached: (tenant) => keys.get(tenant),
    async create(tx) {
      const secret = randomBytes(32);
      const wrapped = await provider.wrap(secret, contextOf(tx.tenant, VERSION));
      await tx.run(sql`insert into phi.tenant_key (tenant, version, provider, wrapped)
        values (${tx.tenant}, ${VERSION}, ${provider.id}, ${wrapped})`);
      uncommitted.set(tx, fromSecret(tx.tenant, secret, hashes));
    },
    async load(tx) {
      const { tenant } = tx;
      const known = uncommitted.get(tx) ?? keys.get(tenant);
      if (known !== undefined) return known;
      const row = await tx.row<Row>(
        sql`select version, provider, wrapped from phi.tenant_key where tenant = ${tenant}`,
      );
      if (row === undefined) refuse(phiKinds.keyMissing, `Tenant ${tenant} has no key.`);
      // Whoever waits meanwhile shares one call: a KMS is slow and counts calls.
      let pending = loading.get(tenant);
      if (pending === undefined) {
        pending = unwrap(tenant, row).finally(() => loading.delete(tenant));
        loading.set(tenant, pending);
      }
      return pending;
    },
  };
}

function fromSecret(tenant: number, secret: Buffer, hashes: HashCache): TenantKey {
  const index = hashKey(deriveKey(secret, 'index'));
  const wrapping = createSecretKey(deriveKey(secret, 'wrap'));
  secret.fill(0);
  return { wrapping, hasher: blindHasher(tenant, index, hashes) };
}

function contextOf(tenant: number, version: number): string {
  return `tenant-key|${tenant}|${version}`;
}
