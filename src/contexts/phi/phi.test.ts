import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
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
