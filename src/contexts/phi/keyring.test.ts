import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { type KeyProvider, localKeyProvider, proveKeyProvider } from './index.ts';

const made: string[] = [];
const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyring-'));
  made.push(folder);
  return folder;
};
const fileIn = (folder: string) => join(folder, 'keys', 'keyring.json');
const secret = Buffer.from('a tenant key');

let t: TestDatabase;
before(async () => {
  t = await testDatabase([{ context: 'phi', folder: join(import.meta.dirname, 'migrations') }]);
});
after(async () => {
  await t.close();
  for (const folder of made) await rm(folder, { recursive: true });
});

test('the keyring is made by the first wrapping, for its owner alone, and opens', async () => {
  const folder = await newFolder();
  const provider = await localKeyProvider(folder);
  assert.deepEqual(await readdir(folder), []);
  const wrapped = await provider.wrap(secret, 'c');
  assert.equal((await stat(fileIn(folder))).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, 'keys'))).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(join(folder, 'keys')), ['keyring.json']);
  const again = await localKeyProvider(folder);
  assert.deepEqual(await again.unwrap(wrapped, 'c'), secret);
  await assert.rejects(again.unwrap(wrapped, 'other'), /does not open this store's keys/);
});

test('of two processes starting at once one makes the keyring and both use it', async () => {
  const folder = await newFolder();
  const [a, b] = await Promise.all([localKeyProvider(folder), localKeyProvider(folder)]);
  const [byA, byB] = await Promise.all([a.wrap(secret, 'c'), b.wrap(secret, 'c')]);
  assert.deepEqual(await a.unwrap(byB, 'c'), secret);
  assert.deepEqual(await b.unwrap(byA, 'c'), secret);
});

test('after a rotation old keys still open and the current key wraps', async () => {
  const folder = await newFolder();
  const before = await (await localKeyProvider(folder)).wrap(secret, 'c');
  const ring = JSON.parse(await readFile(fileIn(folder), 'utf8'));
  const next = { id: 'feedf00d', key: randomBytes(32).toString('base64'), made_at: '2030-01-01' };
  ring.keys.push(next);
  ring.current = next.id;
  await writeFile(fileIn(folder), JSON.stringify(ring));
  const provider = await localKeyProvider(folder);
  assert.deepEqual(await provider.unwrap(before, 'c'), secret);
  const wrapped = await provider.wrap(secret, 'c');
  assert.equal(wrapped.toString('hex', 0, 4), next.id);
  ring.keys.pop();
  ring.current = ring.keys[0].id;
  await writeFile(fileIn(folder), JSON.stringify(ring));
  await assert.rejects(
    (await localKeyProvider(folder)).unwrap(wrapped, 'c'),
    /no master key feedf00d/,
  );
});

test('a keyring that others may read or that is damaged is refused in one line', async () => {
  const folder = await newFolder();
  await (await localKeyProvider(folder)).wrap(secret, 'c');
  await chmod(fileIn(folder), 0o640);
  await assert.rejects(localKeyProvider(folder), /can be read by others: run chmod 600/);
  await chmod(fileIn(folder), 0o600);
  const damaged = ['', '{', 'null', '{}', '{"current":"ab","keys":[]}'];
  damaged.push('{"current":"00000000","keys":[{"id":"00000000","key":"c2hvcnQ="}]}');
  for (const text of damaged) {
    await writeFile(fileIn(folder), text);
    await assert.rejects(localKeyProvider(folder), /is damaged: restore it/);
  }
});

test('a store does not open without its own keyring', async () => {
  const folder = await newFolder();
  await proveKeyProvider(t.database, await localKeyProvider(folder));
  await proveKeyProvider(t.database, await localKeyProvider(folder));
  const empty = await newFolder();
  await assert.rejects(
    proveKeyProvider(t.database, await localKeyProvider(empty)),
    /keyring\.json is missing: restore it from its backup/,
  );
  assert.deepEqual(await readdir(empty), []);
  const strange = await newFolder();
  const stranger = await localKeyProvider(strange);
  await stranger.wrap(secret, 'c');
  await assert.rejects(proveKeyProvider(t.database, stranger), /restore this store's own keyring/);
  const other: KeyProvider = { id: 'elsewhere', wrap: async (b) => b, unwrap: async (b) => b };
  await assert.rejects(proveKeyProvider(t.database, other), /held by the key provider 'local'/);
});
