import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type Answer,
  type Asker,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let system: Asker;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('import clinic');
  system = await r.asker(tenant, 'integration');
});
after(() => r.close());

const ndjson = { 'content-type': 'application/fhir+ndjson', prefer: 'respond-async' };
const local = (url: unknown) => String(url).replace(/^https?:\/\/[^/]+/, '');
const patient = (id: string) => JSON.stringify({ resourceType: 'Patient', id, gender: 'female' });

type File = { type: string; url: string; count: number };
type Manifest = { output: File[]; error: File[] };

async function finished(who: Asker, kickOff: Answer): Promise<Answer> {
  assert.equal(kickOff.status, 202, kickOff.text);
  const status = local(kickOff.headers['content-location']);
  for (let turn = 0; turn < 1000; turn += 1) {
    const answer = await who.get(status);
    if (answer.status !== 202) return answer;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('it never ended');
}

async function imported(body: string | Buffer, headers = {}): Promise<Manifest> {
  const given = { body, headers: { ...ndjson, ...headers } };
  const kickOff = await r.ask(system.token, 'POST', '/fhir/$import', given);
  const answer = await finished(system, kickOff);
  assert.equal(answer.status, 200, answer.text);
  return answer.body as unknown as Manifest;
}

type Outcome = { issue: { diagnostics: string; code: string }[] };

async function outcomes(files: readonly File[]): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (const { url } of files) {
    const headers = { authorization: `Bearer ${system.token}` };
    const answer = await r.app.server.inject({ method: 'GET', url: local(url), headers });
    const lines = answer.body.split('\n').filter((line) => line !== '');
    all.push(...lines.map((line) => JSON.parse(line) as Outcome));
  }
  return all;
}

test('what is sent as NDJSON is stored under its own ids, and what cannot be is told by line', async () => {
  const lines = [
    ...[patient('ann'), '{"resourceType":"Patient","id":"bad","gender":7}', patient('bob')],
    ...['not json', '{"resourceType":"Patiens","name":"Wintermere"}', ''],
    JSON.stringify({ resourceType: 'Basic', code: { text: 'without an id' } }),
  ];
  const manifest = await imported(lines.join('\n'));
  assert.equal((await system.get('/fhir/Patient/ann')).status, 200);
  assert.equal((await system.get('/fhir/Patient/bob')).status, 200);
  assert.equal((await system.get('/fhir/Patient/bad')).status, 404);
  const told = (await outcomes(manifest.error)).map(({ issue }) => issue[0]?.diagnostics ?? '');
  assert.equal(told.length, 3);
  for (const [line, text] of [
    [2, 'gender'],
    [4, ''],
    [5, ''],
  ] as const) {
    const found = told.find((one) => one.startsWith(`input 1, line ${line} `));
    assert.ok(found?.includes(text) === true, `line ${line}: ${told.join('; ')}`);
  }
  assert.ok(!JSON.stringify(told).includes('Wintermere'));
  const sums = JSON.stringify(await outcomes(manifest.output));
  assert.match(sums, /2 Patient stored/);
  assert.match(sums, /1 Basic stored/);
  assert.match(sums, /3 lines were refused/);
});

test('an import may be packed, and a line may refer to one that comes later', async () => {
  const observation = {
    ...{ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'pulse' } },
    subject: { reference: 'Patient?identifier=urn:mrn|7' },
  };
  const later = {
    resourceType: 'Patient',
    id: 'later',
    identifier: [{ system: 'urn:mrn', value: '7' }],
  };
  const text = `${JSON.stringify(observation)}\n${JSON.stringify(later)}\n`;
  const manifest = await imported(gzipSync(text), { 'content-encoding': 'gzip' });
  assert.deepEqual(manifest.error, []);
  const read = await system.get('/fhir/Observation/o');
  assert.deepEqual(read.body['subject'], { reference: 'Patient/later' });
});

test('each record is decided and audited as any write', async () => {
  const before = (await r.audited(tenant))['record.create'] ?? 0;
  await imported([patient('c1'), patient('c2')].join('\n'));
  assert.equal(((await r.audited(tenant))['record.create'] ?? 0) - before, 2);
  const nurse = await r.asker(tenant, 'nurse');
  const body = `${JSON.stringify({ resourceType: 'Organization', id: 'no', name: 'x' })}\n${patient('yes')}`;
  const kickOff = await r.ask(nurse.token, 'POST', '/fhir/$import', { body, headers: ndjson });
  const { error } = (await finished(nurse, kickOff)).body as unknown as Manifest;
  assert.equal(error[0]?.count, 1);
  assert.equal((await system.get('/fhir/Organization/no')).status, 404);
  assert.equal((await system.get('/fhir/Patient/yes')).status, 200);
  const staff = await r.asker(tenant, 'researcher');
  const denied = await r.ask(staff.token, 'POST', '/fhir/$import', { body, headers: ndjson });
  assert.equal(denied.status, 403);
});

test('nothing is fetched from where the operator has not allowed it', async () => {
  const manifest = (url: string) => ({
    inputFormat: 'application/fhir+ndjson',
    input: [{ type: 'Patient', url }],
  });
  const prefer = { prefer: 'respond-async' };
  const foreign = await system.post(
    '/fhir/$import',
    manifest('https://example.org/p.ndjson'),
    prefer,
  );
  assert.equal(foreign.status, 403);
  assert.match(foreign.text, /MEDCONNECT_IMPORT_HOSTS/);
  const part = [
    { name: 'type', valueString: 'Patient' },
    { name: 'url', valueUri: 'http://127.0.0.1/p' },
  ];
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'input', part }] };
  assert.equal((await system.post('/fhir/$import', parameters, prefer)).status, 400);
  assert.equal((await system.post('/fhir/$import', { input: [] }, prefer)).status, 400);
});

test('what is not understood is refused', async () => {
  const none = await r.ask(system.token, 'POST', '/fhir/$import', {
    ...{ body: patient('x'), headers: { 'content-type': 'application/fhir+ndjson' } },
  });
  assert.equal(none.status, 400);
  const odd = await r.ask(system.token, 'POST', '/fhir/$import', {
    ...{ body: patient('x'), headers: { ...ndjson, 'content-encoding': 'br' } },
  });
  assert.equal(odd.status, 415);
  const elsewhere = await r.ask(system.token, 'POST', '/fhir/Patient', {
    ...{ body: patient('x'), headers: { 'content-type': 'application/fhir+ndjson' } },
  });
  assert.equal(elsewhere.status, 415);
});
