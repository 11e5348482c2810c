import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { issueAccessToken, readAccessToken } from './access-token.ts';
import { openSigningKeys } from './signing-keys.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  path = join(folder, 'keys', 'signing.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scope = { issuer: 'i', audience: 'a' };
const claims = {
  sub: 's',
  tenant: 't',
  tnum: 1,
  kind: 'user' as const,
  roles: [],
  sid: 'x',
  iat: 1000,
  exp: 2000,
};

test('the keyring is made once, for its owner only, and opens the same again', async () => {
  const [one, two] = await Promise.all([openSigningKeys(folder), openSigningKeys(folder)]);
  assert.equal(one.current.kid, two.current.kid);
  assert.deepEqual(one.derive('x'), (await openSigningKeys(folder)).derive('x'));
  assert.notDeepEqual(one.derive('x'), one.derive('y'));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(join(folder, 'keys')), ['signing.json'], 'no draft is left');
});

test('a key is named by its RFC 7638 thumbprint', async () => {
  const { jwks, current } = await openSigningKeys(folder);
  assert.equal(current.kid, await calculateJwkThumbprint(jwks.keys[0] ?? {}));
});

test('after a rotation the new key signs and tokens of the old one still verify', async () => {
  const before = await openSigningKeys(folder);
  const old = await issueAccessToken(before, scope, claims);
  const file = JSON.parse(await readFile(path, 'utf8'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  file.keys.push({ created_at: '', pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
  await writeFile(path, JSON.stringify(file));
  const after = await openSigningKeys(folder);
  const fresh = await issueAccessToken(after, scope, claims);
  assert.equal(after.jwks.keys.length, 2);
  assert.notEqual(after.current.kid, before.current.kid);
  assert.equal(readAccessToken(after, scope, old, 1_500_000).proven, true);
  assert.equal(readAccessToken(after, scope, fresh, 1_500_000).proven, true);
  assert.deepEqual(readAccessToken(before, scope, fresh, 1_500_000), {
    proven: false,
    because: 'key',
  });
});

test('a file that is no keyring is named, and left as it is', async () => {
  await openSigningKeys(folder);
  for (const text of ['', '{}', '{"secret":"x","keys":[]}', '{"secret":1,"keys":[{}]}', 'null']) {
    await writeFile(path, text);
    await assert.rejects(openSigningKeys(folder), /is not a keyring/, text);
    assert.equal(await readFile(path, 'utf8'), text);
  }
});
