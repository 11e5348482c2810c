import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { password, type TestIdentity, testIdentity } from '../../../test/identity.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { checkPassword } from './password.ts';

let t: TestIdentity;
before(async () => {
  t = await testIdentity();
});
after(() => t.close());

const email = 'doctor@lakeside.test';
const login = (more: object = {}) => t.post('/api/v1/auth/login', { email, password, ...more });

test('a password is judged by its length and by what everybody tries first', () => {
  const refused = (text: string) => () => checkPassword(text, 'rosalind.moss@lakeside.test');
  assert.throws(refused('fourteen chars'), /PASSWORD_REFUSED.*at least 15/);
  assert.throws(refused('x'.repeat(257)), /PASSWORD_REFUSED.*at most 256/);
  for (const text of [
    'medconnect-password',
    'passwordpassword',
    'Password12345678',
    'aaaaaaaaaaaaaaaa',
    'abababababababab',
    'rosalindrosalind',
    'lakeside-hospital',
    '0123456789012345',
    'qwertyqwertyqwerty',
  ]) {
    assert.throws(refused(text), /PASSWORD_REFUSED.*guessed/, text);
  }
  for (const text of [
    password,
    'all lower case only',
    'ünïcödé wörds cöünt',
    '😀🐎🔋📎🌲🌊🍎🚲🎻🧲🪁🧵🪐🦉🗻',
  ]) {
    assert.doesNotThrow(refused(text), text);
  }
  assert.doesNotThrow(() => checkPassword('demo-password', email, 8));
});

test('a password is the same however a keyboard composes its letters', async () => {
  const composed = 'caf\u00e9 with blue chairs';
  const other = { email: 'cafe@lakeside.test', roles: ['staff'] };
  await t.identity.createAccount(t.tenant, { ...other, password: composed });
  const decomposed = { email: other.email, password: composed.normalize('NFD') };
  assert.equal((await login(decomposed)).status, 200);
});

test('one e-mail address is one account, in all tenants', async () => {
  const { tenant } = await t.identity.createTenant('Second Clinic');
  const account = { email: 'DOCTOR@lakeside.test', password, roles: ['doctor'] };
  await assert.rejects(t.identity.createAccount(tenant, account), /NAME_TAKEN/);
  await assert.rejects(t.identity.createTenant('Second Clinic'), /NAME_TAKEN/);
  await assert.rejects(t.identity.createTenant(' '), /VALIDATION_ERROR/);
});

test('accounts made at the same moment in a new tenant are all there', async () => {
  const { tenant } = await t.identity.createTenant('Third Clinic');
  const made = Array.from({ length: 9 }, (_, i) =>
    t.identity.createAccount(tenant, { email: `a${i}@third.test`, password, roles: ['nurse'] }),
  );
  assert.equal(new Set((await Promise.all(made)).map((one) => one.id)).size, 9);
  assert.deepEqual(await t.identity.tenants(), [1, 2, 4]);
  assert.equal(await t.identity.findTenant('Third Clinic'), tenant);
});

test('an account has known roles and an address, or is not made', async () => {
  const make = (more: object) =>
    t.identity.createAccount(t.tenant, { email: 'x@lakeside.test', password, roles: [], ...more });
  await assert.rejects(make({ roles: ['doctor', 'wizard'] }), /VALIDATION_ERROR/);
  await assert.rejects(make({ email: 'not an address' }), /VALIDATION_ERROR/);
  await assert.rejects(make({ password: 'short' }), /PASSWORD_REFUSED/);
});

test('a patient account carries its own record into the token', async () => {
  const patient = { email: 'patient@lakeside.test', roles: ['patient'], patient: 'p-1' };
  await t.identity.createAccount(t.tenant, { ...patient, password });
  const { access_token, user } = (await login({ email: patient.email })).body;
  assert.equal(user.patient_id, 'p-1');
  const seen = { ip: '', agent: '', correlation: '' };
  const principal = await t.identity.authenticate(`Bearer ${access_token}`, seen);
  assert.deepEqual([principal.patient, principal.roles], ['p-1', ['patient']]);
});

test('a disabled account cannot log in, and its sessions end within half a minute', async () => {
  await t.identity.createAccount(t.tenant, { email: 'gone@lakeside.test', password, roles: [] });
  const { access_token, user } = (await login({ email: 'gone@lakeside.test' })).body;
  assert.equal((await t.get('/api/v1/auth/me', access_token)).status, 200);
  await t.t.database.transaction(t.tenant, (tx) =>
    tx.run(sql`update identity.account set disabled_at = now() where id = ${user.id}`),
  );
  const refused = await login({ email: 'gone@lakeside.test' });
  assert.equal(refused.body.error.details.reason, 'credentials');
  t.pass(31);
  assert.equal((await t.get('/api/v1/auth/me', access_token)).status, 401);
});

test('a session ended by one process is over for another within half a minute', async () => {
  const other = await t.again();
  const { access_token } = (await login()).body;
  const authorization = `Bearer ${access_token}`;
  const seen = { ip: '', agent: '', correlation: '' };
  await other.authenticate(authorization, seen);
  await t.post('/api/v1/auth/logout', undefined, { authorization });
  t.pass(31);
  await assert.rejects(other.authenticate(authorization, seen), /session has ended/);
});

test('another tenant sees none of it, and no tenant sees nothing', async () => {
  const tables = ['account', 'client', 'session', 'refresh_token'];
  await login();
  const client = { clientId: 'feed', secret: 'sixteen letters!', roles: ['integration'] };
  await t.identity.createClient(t.tenant, client);
  for (const tenant of [0, 1, 2, 999]) {
    for (const table of tables) {
      const rows = await t.t.database.transaction(tenant, (tx) =>
        tx.rows({ text: `select * from identity.${table} where tenant = 1`, values: [] }),
      );
      assert.equal(rows.length > 0, tenant === 1, `${table} as tenant ${tenant}`);
    }
  }
  const foreign = t.t.database.transaction(2, (tx) =>
    tx.run(sql`
      insert into identity.session (tenant, id, account, created_at, expires_at)
      select 1, gen_random_uuid(), gen_random_uuid(), now(), now()`),
  );
  await assert.rejects(foreign, /row-level security/);
});

test('no table holds an e-mail address, a name, a password or a token in clear', async () => {
  const canary = {
    email: 'canary.wren@lakeside.test',
    name: 'Wilhelmina Canary',
    password: 'unforgettable canary phrase',
  };
  await t.identity.createAccount(t.tenant, { ...canary, roles: ['nurse'] });
  const session = await login({ ...canary, device_id: 'canary-device' });
  const { refresh_token, access_token } = session.body;
  await login({ email: canary.email, password: 'canary wrong guess' });
  await login({ email: 'canary.unknown@lakeside.test', password: 'canary wrong guess' });
  const needles = [...Object.values(canary), 'canary', refresh_token, access_token, '127.0.0.1'];
  const found = await search(t.t.url, needles);
  assert.deepEqual(found.hits, []);
  assert.ok(found.values > 40, `${found.values} values were searched`);
});

/** Looks behind row-level security at every value, as text and as the bytes it stands for. */
async function search(url: string, needles: readonly string[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const hits: string[] = [];
  let values = 0;
  const { rows: tables } = await client.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema in ('identity', 'phi', 'audit')`,
  );
  for (const { name } of tables) {
    const { rows } = await client.query<Record<string, unknown>>(`select * from ${name}`);
    for (const value of rows.flatMap((row) => Object.values(row))) {
      values += 1;
      const text = Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
      for (const needle of needles) {
        if (text.toLowerCase().includes(needle.toLowerCase())) hits.push(`${name}: ${needle}`);
      }
    }
  }
  await client.end();
  return { hits, values };
}
