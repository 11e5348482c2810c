import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { callerOf, readOf, type TestAudit, testAudit } from '../../../test/audit.ts';
import { buildServer } from '../../platform/http/server.ts';
import { openLog } from '../../platform/log.ts';
import { xmlOfResources } from '../../standards/fhir/xml/resource-xml.ts';
import { verifyExport } from './index.ts';

let t: TestAudit;
let server: FastifyInstance;
const doctor = callerOf(1, ['doctor']);
const nurse = callerOf(1, ['nurse']);

before(async () => {
  t = await testAudit();
  for (const tenant of [1, 2]) await t.newTenant(tenant);
  server = buildServer({
    routes: t.audit.routes,
    log: openLog('silent'),
    // The bearer token is the role and the tenant: what proves a token is identity's.
    authenticate: async (header = '') => {
      const [role = '', tenant = ''] = header.split(' ');
      return callerOf(Number(tenant), [role], 'a0000000-0000-4000-8000-000000000001').principal;
    },
    answered: () => undefined,
    bodyLimit: 1000,
    xml: xmlOfResources,
  });
  for (let n = 0; n < 6; n += 1) {
    await t.audit.release(1, [readOf(n % 2 === 0 ? doctor : nurse, BigInt((n % 3) + 1), `o${n}`)]);
  }
  await t.audit.release(1, [
    {
      ...{ type: 'auth.login-failed', action: 'E', outcome: 'denied', because: 'wrong-password' },
      caller: { account: doctor.principal.id, ip: '192.0.2.9', agent: 'x', correlation: 'c-1' },
    },
    {
      ...{ type: 'drone.landed', action: 'C', outcome: 'failure', caller: doctor },
      ...{ resourceType: 'Drone', resourceId: 'd1', note: { rotors: 4 } },
    },
  ]);
});
after(async () => {
  await server.close();
  await t.close();
});

type Log = Record<string, unknown>;
type Body = {
  logs: Log[];
  total: number;
  total_is: string;
  next: string | null;
  error: { code: string };
};

async function get(url: string, authorization = 'compliance 1') {
  const answer = await server.inject({ method: 'GET', url, headers: { authorization } });
  return { status: answer.statusCode, headers: answer.headers, text: answer.body };
}

async function logs(query: string, authorization?: string): Promise<Body & { status: number }> {
  const { status, text } = await get(`/api/v1/audit/logs?${query}`, authorization);
  return { status, ...(JSON.parse(text) as Body) };
}

const resources = (body: Body) => body.logs.map((log) => log['resource_id']);

test('a read is told whole: who, whose record, what was opened, why, from where', async () => {
  const { logs: found } = await logs('resource_id=o0');
  const { id, timestamp, ...told } = found[0] ?? {};
  assert.match(String(id), /^\d+-\d+$/);
  assert.ok(Math.abs(Date.now() - Date.parse(String(timestamp))) < 60_000);
  assert.deepEqual(told, {
    event_type: 'record.read',
    action: 'R',
    outcome: 'success',
    user_id: doctor.principal.id,
    user_roles: ['doctor'],
    ip_address: '192.0.2.7',
    user_agent: 'Browser of Wintermere',
    resource_type: 'Observation',
    resource_id: 'o0',
    version: 3,
    patient_id: 'p1',
    phi_groups: ['identity', 'clinical'],
    purpose: 'TREAT',
    reason: 'doctor-treatment',
    correlation_id: doctor.correlation,
    details: {},
  });
});

test('every filter narrows, alone and together; the newest comes first', async () => {
  assert.deepEqual(resources(await logs('resource_type=Observation')), [
    ...['o5', 'o4', 'o3', 'o2', 'o1', 'o0'],
  ]);
  assert.deepEqual(resources(await logs('patient_id=p2&resource_type=Observation')), ['o4', 'o1']);
  const nurses = `user_id=${nurse.principal.id}`;
  assert.deepEqual(resources(await logs(nurses)), ['o5', 'o3', 'o1']);
  assert.deepEqual(resources(await logs(`${nurses}&patient_id=p1`)), ['o3']);
  assert.equal((await logs('event_type=record.read')).total, 6);
  assert.equal((await logs('event_type=record.update')).total, 0);
  assert.equal((await logs('to=2020-01-01')).total, 0);
  assert.equal((await logs('from=2020-01-01T00:00:00Z&event_type=record.read')).total, 6);
});

test('a failed login is found under the account it tried', async () => {
  const { logs: found } = await logs(`user_id=${doctor.principal.id}&event_type=auth.login-failed`);
  assert.equal(found[0]?.['ip_address'], '192.0.2.9');
  assert.deepEqual(found[0]?.['user_roles'], []);
  assert.deepEqual(found[0]?.['details'], { account: doctor.principal.id });
});

test('a type this program has no number for is kept, told and found by its name', async () => {
  const { logs: found } = await logs('event_type=drone.landed&resource_type=Drone');
  assert.equal(found.length, 1);
  assert.equal(found[0]?.['event_type'], 'drone.landed');
  assert.equal(found[0]?.['resource_type'], 'Drone');
  assert.deepEqual(found[0]?.['details'], { rotors: 4 });
});

test('pages follow each other without gap or repetition', async () => {
  const seen: unknown[] = [];
  let cursor = '';
  for (let page = 0; page < 3; page += 1) {
    const body = await logs(`resource_type=Observation&limit=2${cursor}`);
    seen.push(...resources(body));
    assert.deepEqual([body.total, body.total_is], [6, 'exact']);
    assert.equal(body.next === null, page === 2);
    cursor = `&cursor=${body.next}`;
  }
  assert.deepEqual(seen, ['o5', 'o4', 'o3', 'o2', 'o1', 'o0']);
});

test('reading the audit is audited, with the filters by name and the patient', async () => {
  await logs('patient_id=p3&limit=5');
  const { logs: found } = await logs('event_type=audit.query&patient_id=p3');
  assert.deepEqual(found[0]?.['details'], { filters: ['patient_id'], returned: 2 });
});

test('unknown parameters, cursors and values that are none are refused with 422', async () => {
  for (const query of [
    'patient=p1',
    'limit=0',
    'limit=501',
    'user_id=7',
    'from=yesterday',
    'patient_id=Rosalind%20W',
    'cursor=nonsense',
    'cursor=1-99999999999999',
  ]) {
    assert.equal((await logs(query)).status, 422, query);
  }
});

test('who may not read the audit is refused, and the refusal is audited', async () => {
  for (const path of ['logs', 'integrity', 'checkpoint', 'export']) {
    assert.equal((await get(`/api/v1/audit/${path}`, 'nurse 1')).status, 403, path);
  }
  const { logs: found } = await logs('event_type=access.denied');
  assert.equal(found.length, 4);
  assert.equal(found[0]?.['outcome'], 'denied');
  assert.equal(found[0]?.['reason'], 'audit.verify not granted');
});

test('another tenant reads nothing of it', async () => {
  assert.deepEqual(resources(await logs('resource_type=Observation', 'compliance 2')), []);
});

test('integrity answers what was found, twice at once from one run', async () => {
  const both = await Promise.all([1, 2].map(() => get('/api/v1/audit/integrity')));
  const [one, other] = both.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  assert.deepEqual(one, other);
  assert.deepEqual([one?.['status'], one?.['first_broken']], ['valid', null]);
});

test('checkpoint and export together satisfy the offline check', async () => {
  await get('/api/v1/audit/integrity');
  const note = await get('/api/v1/audit/checkpoint');
  assert.match(String(note.headers['content-type']), /^text\/plain/);
  const file = await get('/api/v1/audit/export');
  assert.equal(file.headers['content-type'], 'application/x-ndjson');
  const publicKey = String(note.headers['x-verifier-key']);
  async function* stream() {
    yield file.text;
  }
  const verdict = await verifyExport(stream(), { publicKey, checkpoint: note.text });
  assert.equal(verdict.status, 'valid');
  assert.ok(verdict.signed > 8);
});

test('before the first checkpoint there is none to get', async () => {
  assert.equal((await get('/api/v1/audit/checkpoint', 'compliance 2')).status, 404);
});

test('a filter by an id nobody has finds nothing', async () => {
  assert.equal((await logs(`user_id=${randomUUID()}`)).total, 0);
});
