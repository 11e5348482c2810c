import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emptyFolder, type Program, program } from '../../test/program.ts';

const password = 'seven grey herons by the water';
let env: Record<string, string> = {};
let server: Program;
let address = '';
let data = '';
before(async () => {
  data = await emptyFolder();
  env = { MEDCONNECT_DATA: data, MEDCONNECT_DEMO_PASSWORD: password };
  server = program(['serve'], env);
  address = await server.ready;
});
after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await rm(data, { recursive: true, force: true });
});

async function login(email: string): Promise<number> {
  const answer = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, device_id: 'test' }),
  });
  return answer.status;
}

test('the demo accounts log in with the password that was set, which is written nowhere', async () => {
  assert.equal(await login('doctor@medconnect.test'), 200);
  const kept = await readFile(join(data, 'demo-secrets.json'), 'utf8');
  assert.ok(!kept.includes(password));
});

test('an administrator made beside the running server logs in at it', async () => {
  const args = ['admin', 'create', '--email', 'first@clinic.test', '--tenant', 'clinic'];
  const made = await program(args, { ...env, MEDCONNECT_ADMIN_PASSWORD: password }).ended;
  assert.deepEqual([made.code, made.err], [0, '']);
  assert.match(
    made.out,
    /^Made the tenant clinic\.\nMade the account first@clinic\.test \(admin\)/,
  );
  assert.equal(await login('first@clinic.test'), 200);
});

test('a password that cannot be asked for or is weak is refused in a line', async () => {
  const args = ['admin', 'create', '--email', 'second@clinic.test'];
  const unasked = await program(args, env).ended;
  assert.deepEqual([unasked.code, unasked.out], [1, '']);
  assert.match(unasked.err, /^medconnect: No terminal [^\n]+MEDCONNECT_ADMIN_PASSWORD\.\n$/);
  const weak = { ...env, MEDCONNECT_ADMIN_PASSWORD: 'passwordpassword' };
  const refused = await program(args, weak).ended;
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^medconnect: This password is among the first[^\n]+\n$/);
});
