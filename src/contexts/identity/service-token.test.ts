import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestIdentity, testIdentity } from '../../../test/identity.ts';

let t: TestIdentity;
const client_id = 'lab-feed';
const client_secret = 'a-secret:of+the%lab feed';

before(async () => {
  t = await testIdentity();
  const client = { clientId: client_id, secret: client_secret, roles: ['integration'] };
  await t.identity.createClient(t.tenant, client);
});
after(() => t.close());

const ask = (body: object | undefined, headers?: Record<string, string>) =>
  t.post('/api/v1/auth/service-token', body, headers);

test('a system gets a token for its id and secret, and is told who it is', async () => {
  const grant_type = 'client_credentials';
  const answer = await ask({ client_id, client_secret, grant_type });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.token_type, 'Bearer');
  assert.equal(answer.body.expires_in, 900);
  assert.equal(answer.body.refresh_token, undefined);
  const me = await t.get('/api/v1/auth/me', answer.body.access_token);
  assert.equal(me.body.kind, 'client');
  assert.equal(me.body.client_id, client_id);
  assert.deepEqual(me.body.roles, ['integration']);
  assert.equal(t.entries.at(-1)?.type, 'auth.service-token');
});

test('HTTP Basic works as well, with id and secret form-encoded', async () => {
  const credentials = `${client_id}:${encodeURIComponent(client_secret)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  assert.equal((await ask(undefined, { authorization })).status, 200);
});

test('a wrong secret and an unknown client get the same answer, audited', async () => {
  const wrong = await ask({ client_id, client_secret: 'wrong' });
  const unknown = await ask({ client_id: 'nobody', client_secret });
  assert.deepEqual([wrong.status, unknown.status], [401, 401]);
  assert.equal(wrong.body.error.message, unknown.body.error.message);
  assert.equal(t.entries.at(-1)?.type, 'auth.service-token-failed');
});

test('a credential that is none is refused without a guess', async () => {
  assert.equal((await ask({ client_id })).status, 422);
  assert.equal((await ask(undefined)).status, 422);
  assert.equal((await ask({ client_id, client_secret, grant_type: 'password' })).status, 422);
  for (const authorization of ['Basic', 'Basic !', 'Basic Og==', 'Basic eDol', 'Bearer x']) {
    assert.equal((await ask(undefined, { authorization })).status, 401, authorization);
  }
});

test('a token of a system ends with its quarter of an hour', async () => {
  const { access_token } = (await ask({ client_id, client_secret })).body;
  t.pass(901);
  const me = await t.get('/api/v1/auth/me', access_token);
  assert.equal(me.body.error.details.reason, 'expired');
});

test('an account is no client and a client is no account', async () => {
  const account = {
    client_id: 'doctor@lakeside.test',
    client_secret: 'correct horse battery staple',
  };
  assert.equal((await ask(account)).status, 401);
  const client = { email: client_id, password: client_secret };
  assert.equal((await t.post('/api/v1/auth/login', client)).status, 401);
});

test('a short secret, an odd id or an unknown role makes no client', async () => {
  const client = { clientId: 'x', secret: 'sixteen letters!', roles: ['integration'] };
  const make = (more: object) => t.identity.createClient(t.tenant, { ...client, ...more });
  await assert.rejects(make({ secret: 'fifteen letters' }), /PASSWORD_REFUSED/);
  await assert.rejects(make({ clientId: 'a b' }), /VALIDATION_ERROR/);
  await assert.rejects(make({ roles: ['wizard'] }), /VALIDATION_ERROR/);
  await assert.rejects(make({ clientId: client_id }), /NAME_TAKEN/);
});
