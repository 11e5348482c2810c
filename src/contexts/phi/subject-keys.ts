import { type KeyObject, randomFillSync } from 'node:crypto';
import { byteaArray, int8Array } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { DATA_KEY_BYTES, DATA_KEY_VERSION, DataKey, erased, type SubjectKey } from './data-key.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { KeyCache } from './key-cache.ts';
import { phiKinds } from './problems.ts';
import type { TenantKeys } from './tenant-key.ts';

/** `of` a subject that was not asked for is a mistake of the program and throws. */
export type SubjectKeys = { of(subject: bigint): SubjectKey };

type Row = { subject: bigint; version: number; wrapped: Buffer | null };
type Found = Map<bigint, DataKey>;
/** Undefined: being made, or made by another meanwhile. */
type Making = Map<bigint, DataKey | undefined>;

export type SubjectKeyStore = {
  keys(
    tx: Transaction,
    subjects: readonly bigint[],
    missing: 'make' | 'refuse',
  ): Promise<SubjectKeys>;
  cachedKeys(tenant: number, subjects: readonly bigint[]): SubjectKeys | undefined;
  destroy(tx: Transaction, subject: bigint): Promise<void>;
};

type Store = {
  tenantKeys: TenantKeys;
  cache: KeyCache;
  /** A transaction that makes keys may roll back; until it has committed only it may use them. */
  uncommitted: WeakMap<Transaction, Making>;
};

export function openSubjectKeys(tenantKeys: TenantKeys, cache: KeyCache): SubjectKeyStore {
  const uncommitted = new WeakMap<Transaction, Making>();
  const store: Store = { tenantKeys, cache, uncommitted };
  return {
    cachedKeys: (tenant, subjects) => collect(subjects, (subject) => cache.get(tenant, subject)),
    async keys(tx, subjects, missing) {
      const own = uncommitted.get(tx);
      const found: Found = new Map();
      const absent = new Set<bigint>();
      for (const subject of subjects) {
        const key = own?.get(subject) ?? cache.get(tx.tenant, subject);
        if (key === undefined) absent.add(subject);
        else found.set(subject, key);
      }
      if (absent.size > 0) {
        const fetched = await fetch(store, tx, [...absent], missing);
        for (const [subject, key] of fetched) found.set(subject, key);
      }
      return asked(found);
    },
    async destroy(tx, subject) {
      if (subject === 0n) throw new RangeError("a tenant's own key is not a patient's to destroy");
      cache.condemn(tx.tenant, subject);
      const own = uncommitted.get(tx);
      own?.get(subject)?.erase();
      own?.delete(subject);
      await tx.run(sql`
        insert into phi.subject_key (tenant, subject, version, wrapped, destroyed_at)
        values (${tx.tenant}, ${subject}, ${DATA_KEY_VERSION}, null, now())
        on conflict (tenant, subject) do update set wrapped = null,
          destroyed_at = coalesce(subject_key.destroyed_at, excluded.destroyed_at)`);
    },
  };
}

async function load(
  store: Store,
  tx: Transaction,
  wrapping: KeyObject,
  subjects: readonly bigint[],
) {
  const rows = await tx.rows<Row>(sql`select subject, version, wrapped from phi.subject_key
    where tenant = ${tx.tenant} and subject = any(${int8Array(subjects)}::int8[])`);
  const making = store.uncommitted.get(tx);
  const found: Found = new Map();
  for (const row of rows) {
    if (row.wrapped === null) erased();
    const bound = wrapContext(tx.tenant, row.subject, row.version);
    const secret = openEnvelope(wrapping, DATA_KEY_VERSION, row.wrapped, bound);
    const key = new DataKey(tx.tenant, row.subject, secret);
    if (making?.has(row.subject) !== true) store.cache.set(tx.tenant, row.subject, key);
    found.set(row.subject, key);
  }
  return found;
}

async function make(
  store: Store,
  tx: Transaction,
  wrapping: KeyObject,
  subjects: readonly bigint[],
) {
  const making: Making = store.uncommitted.get(tx) ?? new Map();
  store.uncommitted.set(tx, making);
  const made: Found = new Map();
  const wrapped: Buffer[] = [];
  for (const subject of subjects) {
    making.set(subject, undefined);
    const secret = randomFillSync(Buffer.alloc(DATA_KEY_BYTES));
    const bound = wrapContext(tx.tenant, subject, DATA_KEY_VERSION);
    wrapped.push(sealEnvelope(wrapping, DATA_KEY_VERSION, secret, bound));
    made.set(subject, new DataKey(tx.tenant, subject, secret));
  }
  const rows = await tx.rows<{ subject: bigint }>(sql`
    insert into phi.subject_key (tenant, subject, version, wrapped)
    select ${tx.tenant}, subject, ${DATA_KEY_VERSION}, wrapped
      from unnest(${int8Array(subjects)}::int8[], ${byteaArray(wrapped)}::bytea[])
        as made (subject, wrapped)
    on conflict (tenant, subject) do nothing returning subject`);
  const won: Found = new Map();
  for (const { subject } of rows) {
    const key = made.get(subject);
    if (key === undefined) continue;
    won.set(subject, key);
    making.set(subject, key);
  }
  return won;
}

async function fetch(store: Store, tx: Transaction, absent: bigint[], missing: 'make' | 'refuse') {
  const { wrapping } = await store.tenantKeys.load(tx);
  const found = await load(store, tx, wrapping, absent);
  let rest = without(absent, found);
  if (rest.length > 0 && missing === 'make') {
    // In one order everywhere, or two transactions making the same keys could wait for each other.
    rest.sort((a, b) => (a < b ? -1 : 1));
    const won = await make(store, tx, wrapping, rest);
    for (const [subject, key] of won) found.set(subject, key);
    rest = without(rest, won);
    // Another transaction was first and has committed: its keys count.
    if (rest.length > 0) {
      for (const [subject, key] of await load(store, tx, wrapping, rest)) found.set(subject, key);
      rest = without(rest, found);
    }
  }
  if (rest.length > 0) refuse(phiKinds.keyMissing, `${rest.length} subjects have no key.`);
  return found;
}

function without(subjects: readonly bigint[], found: Found): bigint[] {
  return subjects.filter((subject) => !found.has(subject));
}

function collect(
  subjects: readonly bigint[],
  find: (subject: bigint) => DataKey | undefined,
): SubjectKeys | undefined {
  const found: Found = new Map();
  for (const subject of subjects) {
    const key = find(subject);
    if (key === undefined) return undefined;
    found.set(subject, key);
  }
  return asked(found);
}

function asked(found: Found): SubjectKeys {
  return {
    of: (subject) =>
      found.get(subject) ?? refuse(kinds.internal, 'A key was used that was not asked for.'),
  };
}

function wrapContext(tenant: number, subject: bigint, version: number): string {
  return `subject-key|${tenant}|${subject}|${version}`;
}
