import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose';
import { password, type TestIdentity, testIdentity } from '../../../test/identity.ts';

let t: TestIdentity;
let token: string;

before(async () => {
  t = await testIdentity();
  const login = { email: 'doctor@lakeside.test', password };
  token = (await t.post('/api/v1/auth/login', login)).body.access_token;
});
after(() => t.close());

const header = () => ({ alg: 'RS256', typ: 'at+jwt', kid: t.keys.current.kid });
const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token by our own key (or another), whatever it says. */
function forge(head: object, claims: object, key: KeyObject = t.keys.current.key): string {
  const text = `${encode(head)}.${encode(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

/** Refused at the door, quickly, and each time with the same reason at /validate. */
async function refusedFor(forged: string): Promise<unknown> {
  const started = performance.now();
  const answer = await t.get('/api/v1/auth/me', forged);
  assert.ok(performance.now() - started < 200, 'a forged token is refused quickly');
  assert.equal(answer.status, 401);
  assert.equal(answer.body.error.code, 'AUTHENTICATION_REQUIRED');
  assert.ok(forged.length < 30 || !answer.text.includes(forged.slice(0, 30)));
  return answer.body.error.details.reason;
}

test('a token of ours is one that any JWT library verifies with the published keys', async () => {
  const jwks = await t.get('/.well-known/jwks.json');
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks.body), {
    issuer: 'medconnect',
    audience: 'medconnect',
    typ: 'at+jwt',
    algorithms: ['RS256'],
  });
  assert.equal(protectedHeader.kid, t.keys.current.kid);
  assert.equal(payload['tnum'], t.tenant);
  assert.doesNotMatch(JSON.stringify(payload), /@|Rosalind/);
});

test('a token that another library signed with our key is read the same', async () => {
  const claims = { ...decodeJwt(token), jti: randomUUID() };
  const signed = await new SignJWT(claims).setProtectedHeader(header()).sign(t.keys.current.key);
  assert.equal((await t.get('/api/v1/auth/me', signed)).status, 200);
});

test('no algorithm but RS256 is heard, whatever the token asks for', async () => {
  const claims = decodeJwt(token);
  const unsigned = `${encode({ ...header(), alg: 'none' })}.${encode(claims)}`;
  assert.equal(await refusedFor(`${unsigned}.`), 'malformed');
  assert.equal(await refusedFor(`${unsigned}.AA`), 'algorithm');
  assert.equal(await refusedFor(forge({ ...header(), alg: 'NONE' }, claims)), 'algorithm');
  assert.equal(await refusedFor(forge({ ...header(), alg: 'RS512' }, claims)), 'algorithm');
});

test('the public key is not a password: HS256 made with it is refused', async () => {
  const pem = t.keys.verifying.get(t.keys.current.kid)?.export({ type: 'spki', format: 'pem' });
  for (const alg of ['HS256', 'RS256']) {
    const text = `${encode({ ...header(), alg })}.${encode(decodeJwt(token))}`;
    const mac = createHmac('sha256', pem ?? '')
      .update(text)
      .digest('base64url');
    assert.equal(await refusedFor(`${text}.${mac}`), alg === 'HS256' ? 'algorithm' : 'signature');
  }
});

test('a key is looked up by a known id only, never fetched or taken from the token', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const claims = decodeJwt(token);
  const jwk = publicKey.export({ format: 'jwk' });
  const heads = [
    { ...header(), kid: '../../etc/passwd' },
    { ...header(), kid: undefined },
    { ...header(), kid: { toString: 'x' } },
    { ...header(), kid: '__proto__' },
    { ...header(), kid: undefined, jwk },
    { ...header(), kid: 'x', jku: 'http://127.0.0.1:9/jwks.json' },
  ];
  for (const head of heads) assert.equal(await refusedFor(forge(head, claims, privateKey)), 'key');
  assert.equal(await refusedFor(forge(header(), claims, privateKey)), 'signature');
});

test('one edited character anywhere is refused', async () => {
  const [head = '', body = '', seal = ''] = token.split('.');
  const claims = { ...decodeJwt(token), roles: ['admin'] };
  assert.equal(await refusedFor(`${head}.${encode(claims)}.${seal}`), 'signature');
  for (const at of [0, head.length + 5, head.length + body.length + 9, token.length - 1]) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const reason = await refusedFor(`${token.slice(0, at)}${other}${token.slice(at + 1)}`);
    assert.ok(['malformed', 'signature', 'key', 'algorithm', 'type'].includes(String(reason)));
  }
});

test('one token has one text: padding, spaces and spare bits are refused', async () => {
  for (const other of [`${token}=`, `${token} `, `${token}.`, `${token}.x`, `${token}\t`]) {
    assert.equal(await refusedFor(other), 'malformed');
  }
});

test('a signature of ours over something that is no access token is refused', async () => {
  const claims = decodeJwt(token);
  const { exp: _, ...endless } = claims;
  assert.equal(await refusedFor(forge({ ...header(), typ: 'JWT' }, claims)), 'type');
  assert.equal(await refusedFor(forge({ ...header(), typ: undefined }, claims)), 'type');
  assert.equal(await refusedFor(forge({ ...header(), crit: ['x'] }, claims)), 'malformed');
  assert.equal(await refusedFor(forge(header(), { ...claims, aud: 'other' })), 'audience');
  assert.equal(await refusedFor(forge(header(), { ...claims, iss: 'other' })), 'issuer');
  assert.equal(await refusedFor(forge(header(), endless)), 'claims');
  assert.equal(await refusedFor(forge(header(), { ...claims, exp: '9999999999' })), 'claims');
  assert.equal(await refusedFor(forge(header(), { ...claims, tnum: '1' })), 'claims');
  assert.equal(await refusedFor(forge(header(), [])), 'malformed');
});

test('a token counts from its start to its end, half a minute of clock difference forgiven', async () => {
  const claims = decodeJwt(token);
  const seconds = Math.floor(t.now().getTime() / 1000);
  const at = (more: object) => forge(header(), { ...claims, ...more, jti: randomUUID() });
  assert.equal((await t.get('/api/v1/auth/me', at({ exp: seconds - 20 }))).status, 200);
  assert.equal(await refusedFor(at({ exp: seconds - 31 })), 'expired');
  assert.equal((await t.get('/api/v1/auth/me', at({ nbf: seconds + 20 }))).status, 200);
  assert.equal(await refusedFor(at({ nbf: seconds + 60 })), 'not-yet');
  assert.equal(await refusedFor(at({ iat: seconds + 60 })), 'not-yet');
});

test('a token of a session, holder or tenant that is not there proves nothing', async () => {
  const claims = decodeJwt(token);
  for (const other of [{ sid: randomUUID() }, { tnum: 2 }, { tnum: 2_147_483_647 }]) {
    const sid = 'sid' in other ? {} : { sid: randomUUID() };
    const reason = await refusedFor(forge(header(), { ...claims, ...sid, ...other }));
    assert.equal(reason, 'session-ended');
  }
});

test('what is no token at all is refused with a reason', async () => {
  for (const nothing of ['.', '..', '...', 'x', '𝕏.𝕐.𝕫', 'a.b.c', '{}.{}.{}', 'null']) {
    assert.equal(await refusedFor(nothing), 'malformed', nothing);
  }
  assert.equal(await refusedFor('x'.repeat(1_000_000)), 'malformed');
  assert.equal(await refusedFor(`${encode('[1]')}.e30.AA`), 'malformed');
  const missing = await t.get('/api/v1/auth/me');
  assert.equal(missing.body.error.details.reason, 'missing');
  assert.match(String(missing.headers['www-authenticate']), /^Bearer/);
});

test('a refresh token is no access token, and an access token refreshes nothing', async () => {
  const login = { email: 'doctor@lakeside.test', password };
  const { refresh_token } = (await t.post('/api/v1/auth/login', login)).body;
  assert.equal(await refusedFor(refresh_token), 'malformed');
  for (const other of [token.slice(0, 128), 'mcr_1_x', 'mcr_99999999999_', 'mcr_0_']) {
    const answer = await t.post('/api/v1/auth/refresh', { refresh_token: other.padEnd(50, 'A') });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.error.details.reason, 'refresh-token');
  }
});

test('a header of a megabyte is refused and the server goes on', async () => {
  const address = await t.server.listen({ port: 0, host: '127.0.0.1' });
  const huge = { authorization: `Bearer ${'x'.repeat(1_000_000)}` };
  const refused = await fetch(`${address}/api/v1/auth/me`, { headers: huge }).then(
    (answer) => answer.status,
    () => 431, // the connection may be cut before the rest of the header is read
  );
  assert.equal(refused, 431);
  const authorization = `Bearer ${token}`;
  const next = await fetch(`${address}/api/v1/auth/me`, { headers: { authorization } });
  assert.equal(next.status, 200);
});
