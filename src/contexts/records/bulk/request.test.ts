import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  bundleOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let admin: Asker;
let doctor: Asker;
before(async () => {
  r = await testRecords();
  const tenant = await r.newTenant('async clinic');
  admin = await r.asker(tenant, 'admin');
  doctor = await r.asker(tenant, 'doctor');
  for (let n = 0; n < 7; n += 1) await admin.put(`/fhir/Patient/p${n}`, patient(`p${n}`));
});
after(() => r.close());

const patient = (id: string) => ({ resourceType: 'Patient', id, gender: 'female' });
const prefer = { prefer: 'respond-async' };
const local = (url: unknown) => String(url).replace(/^https?:\/\/[^/]+/, '');

async function finished(who: Asker, kickOff: Answer): Promise<Answer> {
  assert.equal(kickOff.status, 202, kickOff.text);
  const status = local(kickOff.headers['content-location']);
  for (let turn = 0; turn < 500; turn += 1) {
    const answer = await who.get(status);
    if (answer.status !== 202) return answer;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('it never ended');
}

type Page = {
  type: string;
  entry?: { resource?: { id: string }; response?: { status: string } }[];
};

async function pagesOf(who: Asker, kickOff: Answer): Promise<Page[]> {
  const answer = await finished(who, kickOff);
  assert.equal(answer.status, 200, answer.text);
  const { output } = answer.body as unknown as { output: { type: string; url: string }[] };
  assert.deepEqual(
    output.map(({ type }) => type),
    ['Bundle'],
  );
  const headers = { authorization: `Bearer ${who.token}` };
  const url = local(output[0]?.url);
  const file = await r.app.server.inject({ method: 'GET', url, headers });
  const lines = file.body.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Page);
}

test('an asynchronous search brings all its pages', async () => {
  const pages = await pagesOf(doctor, await doctor.get('/fhir/Patient?_count=3', prefer));
  assert.deepEqual(
    pages.map(({ entry }) => entry?.length),
    [3, 3, 1],
  );
  const ids = pages.flatMap(({ entry }) => entry?.map((one) => one.resource?.id) ?? []);
  assert.equal(new Set(ids).size, 7);
  const [form] = await pagesOf(
    doctor,
    await doctor.form('/fhir/Patient/_search', '_id=p1', prefer),
  );
  assert.equal(form?.entry?.length, 1);
});

test('an asynchronous transaction is done once and tells what became of it', async () => {
  const entries = [{ resource: patient('new'), request: { method: 'PUT', url: 'Patient/new' } }];
  const kickOff = await admin.post('/fhir', bundleOf('transaction', entries), prefer);
  const [bundle] = await pagesOf(admin, kickOff);
  assert.equal(bundle?.type, 'transaction-response');
  assert.match(bundle?.entry?.[0]?.response?.status ?? '', /^201/);
  const read = await admin.get('/fhir/Patient/new');
  assert.equal(read.body.meta.versionId, '1');
});

test('a refusal is told by the status, with the code it would have had', async () => {
  const answer = await finished(doctor, await doctor.get('/fhir/Patient?colour=red', prefer));
  assert.equal(answer.status, 400);
  assert.equal(answer.body.resourceType, 'OperationOutcome');
  const researcher = await r.asker(await r.newTenant('research'), 'researcher');
  const denied = await finished(researcher, await researcher.get('/fhir/Patient', prefer));
  assert.equal(denied.status, 403);
});
