import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { password, type TestIdentity, testIdentity } from '../../../test/identity.ts';
import { network } from './attempt.ts';
import { accountBackoff, heardFrom } from './backoff.ts';

let t: TestIdentity;
before(async () => {
  t = await testIdentity();
});
after(() => t.close());

const email = 'doctor@lakeside.test';
const login = (more: object = {}) => t.post('/api/v1/auth/login', { email, password, ...more });

test('the wait doubles from a minute to a quarter of an hour and stays there', () => {
  const at = new Date(0);
  const minutes = [4, 5, 6, 7, 8, 9, 10, 1_000_000].map(
    (failures) => heardFrom(accountBackoff, failures, at).getTime() / 60_000,
  );
  assert.deepEqual(minutes, [0, 1, 2, 4, 8, 15, 15, 15]);
});

test('five wrong passwords make even the right one wait a minute, and then it works', async () => {
  for (let i = 0; i < 5; i += 1) assert.equal((await login({ password: 'wrong' })).status, 401);
  assert.equal(t.entries.at(-1)?.type, 'auth.lockout');
  const blocked = await login();
  assert.equal(blocked.status, 429);
  assert.equal(blocked.body.error.code, 'TOO_MANY_ATTEMPTS');
  assert.ok(Number(blocked.headers['retry-after']) <= 60);
  assert.equal(t.entries.at(-1)?.because, 'too-many-attempts');
  t.pass(61);
  assert.equal((await login()).status, 200);
  assert.equal((await login({ password: 'wrong' })).status, 401, 'a success starts anew');
  assert.equal((await login()).status, 200);
});

test('an unknown name is made to wait the same, so waiting tells nothing', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 7; i += 1) statuses.push((await login({ email: 'no@one.test' })).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429]);
});

test('guesses sent at the same moment do not slip past the count', async () => {
  t.pass(3600);
  const guesses = await Promise.all(
    Array.from({ length: 20 }, () => login({ email: 'many@one.test', password: 'wrong' })),
  );
  const heard = guesses.filter((one) => one.status === 401).length;
  assert.ok(heard >= 5 && heard <= 6, `${heard} were heard: five, and one that was under way`);
});

test('the count outlives the process', async () => {
  t.pass(3600);
  await t.identity.createAccount(t.tenant, { email: 'nurse@lakeside.test', password, roles: [] });
  const nurse = { email: 'nurse@lakeside.test' };
  for (let i = 0; i < 5; i += 1) await login({ ...nurse, password: 'wrong' });
  const other = (await t.again()).routes.find((one) => one.path === '/api/v1/auth/login');
  const call = { ip: '198.51.100.7', agent: '', correlation: 'c', body: { ...nurse, password } };
  await assert.rejects(
    async () =>
      other?.handle({
        ...call,
        params: {},
        query: {},
        headers: {},
        url: '',
        pairs: [],
        caller: undefined,
      }),
    { kind: { status: 429, code: 'TOO_MANY_ATTEMPTS', issue: 'throttled' } },
  );
});

test('an address that tries many names waits as a whole', async () => {
  t.pass(2 * 86_400);
  const guess = (i: number) => login({ email: `guess${i}@one.test`, password: 'wrong' });
  const statuses = await Promise.all(Array.from({ length: 60 }, (_, i) => guess(i)));
  const heard = statuses.filter((one) => one.status === 401).length;
  assert.ok(heard >= 50 && heard <= 51, `${heard} were heard`);
  assert.equal((await login()).status, 429);
  t.pass(86_400 + 1);
  assert.equal((await login()).status, 200);
});

test('addresses of one IPv6 network count as one', () => {
  assert.equal(network('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(network('2001:0db8:1:2::9'), '2001:db8:1:2');
  assert.equal(network('::1'), '0:0:0:0');
  assert.equal(network('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(network('192.0.2.1'), '192.0.2.1');
});
