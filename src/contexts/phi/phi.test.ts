import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { type Sql, sql } from '../../platform/postgres/sql.ts';
import { type KeyProvider, localKeyProvider, openPhi, type Phi } from './index.ts';

let t: TestDatabase;
let folder: string;
let provider: KeyProvider;
let phi: Phi;

const text = Buffer.from('{"family":"Moss"}');
const context = 'Patient/p1/identity';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phi-'));
  t = await testDatabase([{ context: 'phi', folder: join(import.meta.dirname, 'migrations') }]);
  provider = await localKeyProvider(folder);
  phi = openPhi(t.database, provider);
  for (const tenant of [1, 2]) await t.database.transaction(tenant, (tx) => phi.createTenant(tx));
});
after(async () => {
  await t.close();
  await rm(folder, { recursive: true });
});

const makeKey = async (tenant: number, subject: bigint, by = phi) =>
  (await t.database.transaction(tenant, (tx) => by.keys(tx, [subject], 'make'))).of(subject);
const findKey = async (tenant: number, subject: bigint, by = phi) =>
  (await t.database.transaction(tenant, (tx) => by.keys(tx, [subject], 'refuse'))).of(subject);

test('what is sealed opens, here and in another process', async () => {
  const sealed = (await makeKey(1, 10n)).seal(text, context);
  assert.equal(sealed.includes('Moss'), false);
  assert.deepEqual((await findKey(1, 10n)).open(sealed, context), text);
  const other = openPhi(t.database, await localKeyProvider(folder));
  assert.deepEqual((await findKey(1, 10n, other)).open(sealed, context), text);
});

test('a value moved to another place, patient or tenant stays shut', async () => {
  const sealed = (await makeKey(1, 11n)).seal(text, context);
  const broken = { kind: { status: 500, code: 'SEAL_BROKEN', issue: 'exception' } };
  const mine = await findKey(1, 11n);
  assert.throws(() => mine.open(sealed, 'Patient/p2/identity'), broken);
  assert.throws(() => mine.open(sealed, 'Patient/p1/clinical'), broken);
  const neighbour = await makeKey(1, 12n);
  assert.throws(() => neighbour.open(sealed, context), broken);
  const foreigner = await makeKey(2, 11n);
  assert.throws(() => foreigner.open(sealed, context), broken);
});

test('any edited byte keeps a value shut', async () => {
  const key = await makeKey(1, 13n);
  const sealed = key.seal(text, context);
  for (let at = 0; at < sealed.length; at += 1) {
    const edited = Buffer.from(sealed);
    edited[at] = (edited[at] ?? 0) ^ 1;
    assert.throws(() => key.open(edited, context), /SEAL_BROKEN/, `byte ${at}`);
  }
  for (const cut of [0, 1, 14, 29, sealed.length - 1]) {
    assert.throws(() => key.open(sealed.subarray(0, cut), context), /SEAL_BROKEN/);
  }
});

test('keys exist only once their transaction has committed', async () => {
  const failed = t.database.transaction(1, async (tx) => {
    const made = (await phi.keys(tx, [20n], 'make')).of(20n);
    assert.equal((await phi.keys(tx, [20n], 'refuse')).of(20n), made);
    throw new Error('undone');
  });
  await assert.rejects(failed, /undone/);
  assert.equal(phi.cachedKeys(1, [20n]), undefined);
  await assert.rejects(findKey(1, 20n), /KEY_MISSING/);
});

test('of two transactions that make the same keys the first wins, and both can open', async () => {
  let second: Promise<Buffer> | undefined;
  const first = await t.database.transaction(1, async (tx) => {
    const keys = await phi.keys(tx, [21n, 22n], 'make');
    second = t.database.transaction(1, async (other) =>
      (await phi.keys(other, [22n, 21n, 23n], 'make')).of(21n).seal(text, context),
    );
    // Long enough for the second to find no keys and wait for this transaction's rows.
    await setTimeout(100);
    return keys.of(21n).seal(text, context);
  });
  const key = await findKey(1, 21n);
  assert.deepEqual(key.open(first, context), text);
  assert.deepEqual(key.open((await second) ?? Buffer.alloc(0), context), text);
  await findKey(1, 23n);
});

test('a key asked for twice at once in a transaction is one key, not yet cached', async () => {
  await t.database.transaction(1, async (tx) => {
    const [a, b] = await Promise.all([
      phi.keys(tx, [24n, 25n], 'make'),
      phi.keys(tx, [25n, 24n], 'make'),
    ]);
    const sealed = a.of(24n).seal(text, context);
    assert.deepEqual(b.of(24n).open(sealed, context), text);
    assert.equal(phi.cachedKeys(1, [24n]), undefined);
    assert.equal(phi.cachedKeys(1, [25n]), undefined);
  });
});

test('no key enters the cache while the transaction that makes it is under way', async () => {
  const slow = (tx: Transaction): Transaction => ({
    ...tx,
    rows: async <Row>(query: Sql) => {
      const rows = await tx.rows<Row>(query);
      if (query.text.includes('insert')) await setTimeout(20);
      return rows;
    },
  });
  await t.database.transaction(1, async (quick) => {
    const tx = slow(quick);
    const making = phi.keys(tx, [1100n], 'make');
    await setTimeout(10);
    await Promise.all([making, phi.keys(tx, [1100n], 'refuse')]);
    assert.equal(phi.cachedKeys(1, [1100n]), undefined);
  });
});

test('keys are cached when found, and only all together', async () => {
  await t.database.transaction(1, (tx) => phi.keys(tx, [30n, 31n], 'make'));
  assert.equal(phi.cachedKeys(1, [30n]), undefined);
  const found = await findKey(1, 30n);
  assert.equal(phi.cachedKeys(1, [30n])?.of(30n), found);
  assert.equal(phi.cachedKeys(1, [30n, 31n]), undefined);
  assert.equal(phi.cachedKeys(2, [30n]), undefined);
  assert.throws(() => phi.cachedKeys(1, [30n])?.of(31n), /not asked for/);
});

test('records of nobody have a key from the start', async () => {
  const sealed = (await findKey(1, 0n)).seal(text, 'Organization/o1/administrative');
  const again = await findKey(1, 0n, openPhi(t.database, provider));
  assert.deepEqual(again.open(sealed, 'Organization/o1/administrative'), text);
  const foreigner = await findKey(2, 0n);
  assert.throws(() => foreigner.open(sealed, 'Organization/o1/administrative'), /SEAL_BROKEN/);
});

test('an erased subject is gone: its keys refuse, and no new one is made', async () => {
  const gone = { name: 'Problem', message: /^ERASED/ };
  await makeKey(1, 40n);
  const held = await findKey(1, 40n);
  const sealed = held.seal(text, context);
  await t.database.transaction(1, (tx) => phi.destroy(tx, 40n));
  assert.throws(() => held.open(sealed, context), gone);
  assert.throws(() => held.commitment('Moss'), gone);
  assert.equal(phi.cachedKeys(1, [40n]), undefined);
  await assert.rejects(findKey(1, 40n), gone);
  await assert.rejects(makeKey(1, 40n), gone);
  await assert.rejects(makeKey(1, 40n, openPhi(t.database, provider)), gone);
  const row = await t.database.transaction(1, (tx) =>
    tx.row(sql`select wrapped, destroyed_at is not null as destroyed from phi.subject_key
      where subject = 40`),
  );
  assert.deepEqual(row, { wrapped: null, destroyed: true });
});

test('a subject can be erased before it ever had a key, and twice', async () => {
  await t.database.transaction(1, (tx) => phi.destroy(tx, 42n));
  await t.database.transaction(1, (tx) => phi.destroy(tx, 42n));
  await assert.rejects(makeKey(1, 42n), /ERASED/);
});

test('an erasure that is rolled back erases nothing', async () => {
  const sealed = (await makeKey(1, 43n)).seal(text, context);
  const undone = t.database.transaction(1, async (tx) => {
    await phi.destroy(tx, 43n);
    await assert.rejects(phi.keys(tx, [43n], 'make'), /ERASED/);
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  assert.deepEqual((await findKey(1, 43n)).open(sealed, context), text);
});

test("a tenant's own key cannot be erased like a patient's", async () => {
  await assert.rejects(
    t.database.transaction(1, (tx) => phi.destroy(tx, 0n)),
    RangeError,
  );
});

test('a commitment is 16 bytes that only this subject, tenant and text give', async () => {
  await t.database.transaction(1, (tx) => phi.keys(tx, [50n, 51n], 'make'));
  const mine = (await findKey(1, 50n)).commitment('Moss');
  assert.equal(mine.length, 16);
  assert.deepEqual((await findKey(1, 50n, openPhi(t.database, provider))).commitment('Moss'), mine);
  assert.notDeepEqual((await findKey(1, 51n)).commitment('Moss'), mine);
  assert.notDeepEqual((await findKey(1, 50n)).commitment('Mose'), mine);
  assert.notDeepEqual((await makeKey(2, 50n)).commitment('Moss'), mine);
});

test('blind hashes are the same in every process and differ between tenants', async () => {
  const hash = await phi.hasher(1);
  const elsewhere = await openPhi(t.database, provider).hasher(1);
  assert.equal(elsewhere('Patient.name', 'moss'), hash('Patient.name', 'moss'));
  assert.notEqual((await phi.hasher(2))('Patient.name', 'moss'), hash('Patient.name', 'moss'));
  await assert.rejects(phi.hasher(99), /KEY_MISSING/);
});

test('row-level security hides the keys of other tenants, and no tenant sees any', async () => {
  const count = sql`select (select count(*) from phi.tenant_key)::int4 as tenants,
    (select count(*) from phi.subject_key where tenant <> 1)::int4 as others`;
  assert.deepEqual(await t.database.transaction(1, (tx) => tx.row(count)), {
    tenants: 1,
    others: 0,
  });
  assert.deepEqual(await t.database.transaction(0, (tx) => tx.row(count)), {
    tenants: 0,
    others: 0,
  });
  const smuggled = sql`insert into phi.subject_key (tenant, subject, version, wrapped)
    values (2, 777, 1, 'x')`;
  await assert.rejects(
    t.database.transaction(1, (tx) => tx.run(smuggled)),
    /row-level security/,
  );
});

test('a key copied to another subject or tenant in the table does not open', async () => {
  await makeKey(1, 60n);
  await t.database.transaction(1, (tx) =>
    tx.run(sql`insert into phi.subject_key (tenant, subject, version, wrapped)
      select tenant, 61, version, wrapped from phi.subject_key where subject = 60`),
  );
  await assert.rejects(findKey(1, 61n), /SEAL_BROKEN/);
});

test('a tenant that is undone leaves no key behind in memory', async () => {
  const undone = t.database.transaction(3, async (tx) => {
    await phi.createTenant(tx);
    await phi.keys(tx, [1n], 'make');
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  await assert.rejects(phi.hasher(3), /KEY_MISSING/);
  await t.database.transaction(3, (tx) => phi.createTenant(tx));
  await phi.hasher(3);
  await assert.rejects(
    t.database.transaction(3, (tx) => phi.createTenant(tx)),
    /duplicate key/,
  );
});

test('ten thousand keys are made in well under two seconds', async () => {
  const subjects = Array.from({ length: 10_000 }, (_, n) => BigInt(100_000 + n));
  const before = performance.now();
  await t.database.transaction(1, (tx) => phi.keys(tx, subjects, 'make'));
  assert.ok(performance.now() - before < 2000);
});
