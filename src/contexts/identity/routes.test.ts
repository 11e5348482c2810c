import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { password, type TestIdentity, testIdentity } from '../../../test/identity.ts';

let t: TestIdentity;
const email = 'doctor@lakeside.test';

before(async () => {
  t = await testIdentity();
});
after(() => t.close());

const login = () => t.post('/api/v1/auth/login', { email, password, device_id: 'clinic-1' });

test('a login answers with tokens, and the token tells who calls', async () => {
  const answer = await login();
  assert.equal(answer.status, 200);
  const { access_token, refresh_token, token_type, expires_in, refresh_expires_in, user } =
    answer.body;
  assert.equal(token_type, 'Bearer');
  assert.equal(expires_in, 900);
  assert.equal(refresh_expires_in, 1800);
  assert.match(refresh_token, /^mcr_1_/);
  assert.deepEqual(user.roles, ['doctor']);
  const me = await t.get('/api/v1/auth/me', access_token);
  assert.equal(me.status, 200);
  assert.equal(me.body.email, email);
  assert.equal(me.body.name, 'Rosalind Wintermere');
  assert.equal(me.body.id, user.id);
  assert.equal(me.body.session_id, answer.body.session_id);
  assert.deepEqual(me.body.permissions, ['medical_records', 'patient_data', 'read', 'write']);
});

test('the e-mail address is compared without case, the password with it', async () => {
  const shouted = await t.post('/api/v1/auth/login', { email: ' DOCTOR@lakeside.test', password });
  assert.equal(shouted.status, 200);
  const wrong = { email, password: password.toUpperCase() };
  assert.equal((await t.post('/api/v1/auth/login', wrong)).status, 401);
});

test('an unknown name and a wrong password get the same answer', async () => {
  const strip = (text: string) => text.replace(/"(timestamp|trace_id)":"[^"]*"/g, '');
  const started = performance.now();
  const wrong = await t.post('/api/v1/auth/login', { email, password: 'wrong' });
  assert.ok(performance.now() - started >= 49, 'refusals leave in steps, whatever was found');
  const unknown = await t.post('/api/v1/auth/login', { email: 'no@one.test', password: 'wrong' });
  assert.equal(wrong.status, 401);
  assert.equal(strip(wrong.text), strip(unknown.text));
  assert.equal(wrong.body.error.code, 'AUTHENTICATION_REQUIRED');
  assert.equal(wrong.body.error.details.reason, 'credentials');
});

test('every login, failed or not, is audited without the e-mail address', async () => {
  t.entries.length = 0;
  await login();
  await t.post('/api/v1/auth/login', { email, password: 'wrong' });
  await t.post('/api/v1/auth/login', { email: 'no@one.test', password: 'wrong' });
  assert.deepEqual(
    t.entries.map(({ type, outcome, because }) => [type, outcome, because]),
    [
      ['auth.login', 'success', undefined],
      ['auth.login-failed', 'denied', 'wrong-secret'],
      ['auth.login-failed', 'denied', 'unknown-name'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(t.entries), /@|lakeside|wrong"/);
});

test('a body that is none, or of wrong or oversized parts, is refused by its schema', async () => {
  const bodies = [
    undefined,
    {},
    { email },
    { email, password: { $ne: null } },
    { email, password: 'x'.repeat(1025) },
    { email: `${'x'.repeat(255)}@x.test`, password },
    { email, password, device_id: 'd'.repeat(129) },
  ];
  for (const body of bodies) {
    const answer = await t.post('/api/v1/auth/login', body);
    assert.equal(answer.status, 422, JSON.stringify(body)?.slice(0, 60));
    assert.equal(answer.body.error.code, 'VALIDATION_ERROR');
  }
});

test('validate says whose a token is, or why it is not accepted', async () => {
  const { access_token, user } = (await login()).body;
  const valid = await t.post('/api/v1/auth/validate', { token: access_token });
  assert.equal(valid.status, 200);
  assert.equal(valid.body.valid, true);
  assert.deepEqual(valid.body.user, user);
  assert.ok(new Date(valid.body.expires_at) > t.now());
  const authorization = `Bearer ${access_token}`;
  const byHeader = await t.post('/api/v1/auth/validate', undefined, { authorization });
  assert.equal(byHeader.body.valid, true);
  const broken = await t.post('/api/v1/auth/validate', { token: `${access_token}x` });
  assert.deepEqual(broken.body, { valid: false, reason: 'malformed' });
  assert.equal((await t.post('/api/v1/auth/validate')).status, 401);
});

test('logout ends the session: access and refresh token are refused at once', async () => {
  const { access_token, refresh_token } = (await login()).body;
  const authorization = `Bearer ${access_token}`;
  assert.equal((await t.post('/api/v1/auth/logout', undefined, { authorization })).status, 204);
  const me = await t.get('/api/v1/auth/me', access_token);
  assert.equal(me.status, 401);
  assert.equal(me.body.error.details.reason, 'session-ended');
  const refreshed = await t.post('/api/v1/auth/refresh', { refresh_token });
  assert.equal(refreshed.status, 401);
  assert.equal(t.entries.at(-1)?.type, 'auth.logout');
});

test('the keys of the tokens are public and cacheable, their private half is not there', async () => {
  const jwks = await t.get('/.well-known/jwks.json');
  assert.equal(jwks.status, 200);
  assert.match(String(jwks.headers['cache-control']), /max-age/);
  const [key] = jwks.body.keys;
  assert.deepEqual(Object.keys(key ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
});
