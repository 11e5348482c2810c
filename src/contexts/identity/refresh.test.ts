import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { password, type TestIdentity, testIdentity } from '../../../test/identity.ts';

let t: TestIdentity;
before(async () => {
  t = await testIdentity();
});
after(() => t.close());

const device_id = 'clinic-1';
const login = async () => {
  const body = { email: 'doctor@lakeside.test', password, device_id };
  return (await t.post('/api/v1/auth/login', body)).body;
};
const refresh = (refresh_token: string, more: object = { device_id }) =>
  t.post('/api/v1/auth/refresh', { refresh_token, ...more });

test('each refresh brings the next token of the same session, and the next one works', async () => {
  const first = await login();
  const second = (await refresh(first.refresh_token)).body;
  const third = (await refresh(second.refresh_token)).body;
  assert.equal(new Set([first, second, third].map((one) => one.refresh_token)).size, 3);
  assert.equal(third.session_id, first.session_id);
  assert.deepEqual(third.user, first.user);
  assert.equal((await t.get('/api/v1/auth/me', third.access_token)).status, 200);
});

test('fifty refreshes of one token at once bring exactly one successor', async () => {
  const { refresh_token, session_id } = await login();
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refresh_token)));
  assert.deepEqual([...new Set(answers.map((one) => one.status))], [200]);
  assert.equal(new Set(answers.map((one) => one.body.refresh_token)).size, 1);
  const client = new pg.Client({ connectionString: t.t.url });
  await client.connect();
  const { rows } = await client.query(
    'select generation from identity.refresh_token where session = $1 order by 1',
    [session_id],
  );
  await client.end();
  assert.deepEqual(rows, [{ generation: 1 }, { generation: 2 }]);
});

test('an answer that got lost is given again for ten seconds, to the same device', async () => {
  const { refresh_token } = await login();
  const first = (await refresh(refresh_token)).body;
  t.pass(9);
  const again = (await refresh(refresh_token)).body;
  assert.equal(again.refresh_token, first.refresh_token);
  assert.equal((await refresh(first.refresh_token)).status, 200);
});

test('a used token shown later ends the session, and the audit says why', async () => {
  const { refresh_token, access_token } = await login();
  const next = (await refresh(refresh_token)).body;
  t.pass(11);
  const reused = await refresh(refresh_token);
  assert.equal(reused.status, 401);
  assert.equal(reused.body.error.details.reason, 'refresh-token-reused');
  const entry = t.entries.at(-1);
  assert.equal(entry?.type, 'auth.refresh-reused');
  assert.equal(entry?.outcome, 'denied');
  assert.equal((await refresh(next.refresh_token)).body.error.details.reason, 'session-ended');
  assert.equal((await t.get('/api/v1/auth/me', next.access_token)).status, 401);
  assert.equal((await t.get('/api/v1/auth/me', access_token)).status, 401);
});

test('a used token from another device ends the session even within those seconds', async () => {
  const { refresh_token } = await login();
  await refresh(refresh_token, {});
  const thief = await t.post(
    '/api/v1/auth/refresh',
    { refresh_token },
    { 'user-agent': 'another program' },
  );
  assert.equal(thief.body.error.details.reason, 'refresh-token-reused');
});

test('a used token whose successor was used too is no lost answer', async () => {
  const { refresh_token } = await login();
  const next = (await refresh(refresh_token)).body;
  await refresh(next.refresh_token);
  assert.equal((await refresh(refresh_token)).body.error.details.reason, 'refresh-token-reused');
});

test('a session bound to a device is refreshed by no other, and survives the attempt', async () => {
  const { refresh_token } = await login();
  const other = await refresh(refresh_token, { device_id: 'elsewhere' });
  assert.equal(other.body.error.details.reason, 'device');
  assert.equal((await refresh(refresh_token)).status, 200);
});

test('half an hour without use ends the chain, and twelve hours end it however busy', async () => {
  const idle = await login();
  t.pass(1801);
  assert.equal((await refresh(idle.refresh_token)).body.error.details.reason, 'expired');
  let current = await login();
  for (let minutes = 0; minutes < 12 * 60 - 25; minutes += 25) {
    t.pass(25 * 60);
    current = (await refresh(current.refresh_token)).body;
    assert.ok(current.refresh_token, `refreshed after ${minutes} minutes`);
  }
  assert.ok(current.refresh_expires_in < 1800, 'the last token ends with its session');
  t.pass(25 * 60);
  assert.equal((await refresh(current.refresh_token)).body.error.details.reason, 'expired');
});

test('a refresh and a logout at the same moment leave no session behind', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { refresh_token, access_token } = await login();
    const authorization = `Bearer ${access_token}`;
    const [refreshed] = await Promise.all([
      refresh(refresh_token),
      t.post('/api/v1/auth/logout', undefined, { authorization }),
    ]);
    const next = refreshed.body.refresh_token ?? refresh_token;
    assert.equal((await refresh(next)).body.error.details.reason, 'session-ended');
  }
});
