import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { type Ended, emptyFolder, type Program, program } from '../../test/program.ts';

const password = 'seven grey herons by the water';
let t: TestDatabase;
let folder = '';
let env: Record<string, string> = {};
let server: Program;
let bearer = '';
let address = '';
before(async () => {
  [t, folder] = await Promise.all([testDatabase([], 'alone'), emptyFolder()]);
  env = { MEDCONNECT_DATA: folder, DATABASE_URL: t.url, MEDCONNECT_DEMO_PASSWORD: password };
  server = program(['serve'], env);
  address = await server.ready;
  bearer = await login('compliance@medconnect.test');
});
after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await t.close();
  await rm(folder, { recursive: true, force: true });
});

async function login(email: string): Promise<string> {
  const answer = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, device_id: 'test' }),
  });
  const body: unknown = await answer.json();
  return String(Reflect.get(Object(body), 'access_token'));
}

async function keep(path: string, name: string): Promise<{ file: string; key: string }> {
  const headers = { authorization: `Bearer ${bearer}` };
  const answer = await fetch(address + path, { headers });
  assert.equal(answer.status, 200, path);
  const file = join(folder, name);
  await writeFile(file, await answer.text());
  return { file, key: answer.headers.get('x-verifier-key') ?? '' };
}

const verify = (...args: string[]): Promise<Ended> => program(['verify-audit', ...args], env).ended;

test('the log of a running store verifies, and so does its export where nothing else is', async () => {
  const store = await verify('--tenant', 'demo');
  assert.deepEqual([store.code, store.err], [0, '']);
  assert.match(store.out, /^Tenant 1: \d+ events, valid\n$/);
  const checkpoint = await keep('/api/v1/audit/checkpoint', 'checkpoint.txt');
  const exported = await keep('/api/v1/audit/export', 'audit.ndjson');
  const trusted = ['--key', checkpoint.key, '--checkpoint', checkpoint.file];
  const whole = await verify(exported.file, ...trusted);
  assert.deepEqual([whole.code, whole.err], [0, '']);
  assert.match(whole.out, /^Valid: \d+ events, \d+ of them under the checkpoint\.\n$/);
  const lines = (await readFile(exported.file, 'utf8')).split('\n');
  await writeFile(exported.file, lines.toSpliced(3, 1).join('\n'));
  const cut = await verify(exported.file, ...trusted);
  assert.equal(cut.code, 1);
  assert.match(cut.out, /missing[\s\S]+BROKEN/);
});

test('an export without what it is checked against is refused in a line', async () => {
  const { code, err } = await verify(join(folder, 'audit.ndjson'));
  assert.equal(code, 1);
  assert.match(err, /^medconnect: An export is checked against --key and --checkpoint/);
});
