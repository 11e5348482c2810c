import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { password, type TestIdentity, testIdentity } from '../../../test/identity.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { openSigningKeys } from './signing-keys.ts';
import { turnstile } from './turnstile.ts';

let t: TestIdentity;
before(async () => {
  t = await testIdentity();
});
after(() => t.close());

const seen = { ip: '127.0.0.1', agent: '', correlation: '' };
const login = async () =>
  (await t.post('/api/v1/auth/login', { email: 'doctor@lakeside.test', password })).body;

test('a token seen before is believed again without the database', async () => {
  const authorization = `Bearer ${(await login()).access_token}`;
  const first = await t.identity.authenticate(authorization, seen);
  const again = await t.identity.authenticate(authorization, seen);
  assert.equal(again, first, 'the same principal, nothing read or verified anew');
});

test('a change of roles counts for tokens issued before it', async () => {
  const { access_token, user } = await login();
  const authorization = `bearer ${access_token}`;
  assert.deepEqual((await t.identity.authenticate(authorization, seen)).roles, ['doctor']);
  await t.t.database.transaction(t.tenant, (tx) =>
    tx.run(sql`update identity.account set roles = '{doctor,compliance}' where id = ${user.id}`),
  );
  t.pass(31);
  const { roles } = await t.identity.authenticate(authorization, seen);
  assert.deepEqual(roles, ['doctor', 'compliance']);
});

test('one read of a session serves all that ask for it at the same moment', async () => {
  const authorization = `Bearer ${(await login()).access_token}`;
  const many = await Promise.all(
    Array.from({ length: 100 }, () => t.identity.authenticate(authorization, seen)),
  );
  assert.equal(new Set(many).size, 1);
});

test('only Bearer credentials are heard', async () => {
  for (const authorization of [undefined, '', 'Bearer', 'Basic eDp5', 'Bearer  x', 'Bearer x y']) {
    await assert.rejects(t.identity.authenticate(authorization, seen), /AUTHENTICATION_REQUIRED/);
  }
});

test('the wrong keys folder is noticed at start, not at every login', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'));
  try {
    const keys = await openSigningKeys(folder);
    await assert.rejects(t.again(keys), /not those of this database/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a turnstile lets two in, lets three wait and turns the sixth away', async () => {
  const pass = turnstile(2, 3, () => new Error('full'));
  const open: (() => void)[] = [];
  let inside = 0;
  let most = 0;
  const visit = () =>
    pass(async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise<void>((leave) => open.push(leave));
      inside -= 1;
    });
  const visits = Array.from({ length: 5 }, visit);
  await assert.rejects(visit(), /full/);
  for (let left = 0; left < 5; left += 1) {
    open.shift()?.();
    await new Promise((next) => setImmediate(next));
  }
  await Promise.all(visits);
  assert.equal(most, 2);
});
