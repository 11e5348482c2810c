import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Asker,
  idsOf,
  linkOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;
let then: string;

const observation = (id: string, patient: string, value: string) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' } },
  ...{ subject: { reference: `Patient/${patient}` }, valueString: value },
});

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
  for (const id of ['ann', 'bob']) {
    await admin.put(`/fhir/Patient/${id}`, { resourceType: 'Patient', id });
  }
  for (let n = 0; n < 8; n += 1) await put(observation(`o${n}`, 'ann', n < 4 ? 'low' : 'high'));
  await sleep(20);
  then = new Date().toISOString();
  await sleep(20);
  await put(observation('o1', 'ann', 'high'));
  await put(observation('o5', 'bob', 'low'));
  await admin.remove('/fhir/Observation/o2');
  await put(observation('o8', 'ann', 'low'));
});
after(() => r.close());

async function put(resource: { resourceType: string; id: string }): Promise<void> {
  const answer = await admin.put(`/fhir/${resource.resourceType}/${resource.id}`, resource);
  assert.ok(answer.status < 300, answer.text);
}

const found = async (query: string, who: Asker = admin) => {
  const answer = await who.get(`/fhir/Observation?${query}`);
  assert.equal(answer.status, 200, answer.text);
  return idsOf(answer).sort();
};

test('a search as of an instant finds what was then, not what is', async () => {
  assert.deepEqual(await found('value-string=low'), ['o0', 'o3', 'o5', 'o8']);
  assert.deepEqual(await found(`value-string=low&_asOf=${then}`), ['o0', 'o1', 'o2', 'o3']);
  assert.deepEqual(await found(`value-string=high&_asOf=${then}`), ['o4', 'o5', 'o6', 'o7']);
  const all = ['o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7'];
  assert.deepEqual(await found(`_asOf=${then}`), all);
  assert.deepEqual(await found(`status=final,amended&_asOf=${then}`), all);
  assert.deepEqual(await found(`subject=Patient/bob&_asOf=${then}`), []);
  assert.deepEqual(await found('_asOf=2020-01-01T00:00:00Z'), []);
  const counted = await admin.get(`/fhir/Observation?_summary=count&_asOf=${then}`);
  assert.equal(counted.body.total, 8);
});

test('its pages agree while others write', async () => {
  const all: string[] = [];
  let next: string | undefined = `/fhir/Observation?_count=3&_asOf=${then}`;
  for (let page = 0; next !== undefined; page += 1) {
    const answer = await admin.get(next);
    all.push(...idsOf(answer));
    next = linkOf(answer, 'next');
    await put(observation(`o${[4, 6, 7][page]}`, 'bob', 'other'));
  }
  assert.deepEqual([...all].sort(), ['o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7']);
  const sorted = await admin.get(`/fhir/Observation?_sort=-_id&_count=3&_asOf=${then}`);
  assert.deepEqual(idsOf(sorted), ['o7', 'o6', 'o5']);
});

test('who may see it is decided by whose it was then', async () => {
  const bob = await r.asker(tenant, 'patient', 'bob');
  assert.deepEqual(await found('_id=o5', bob), ['o5']);
  assert.deepEqual(await found(`_asOf=${then}`, bob), []);
  const ann = await r.asker(tenant, 'patient', 'ann');
  assert.equal((await found(`_asOf=${then}`, ann)).length, 8);
  const read = await ann.get(`/fhir/Observation/o5?_asOf=${then}`);
  assert.equal(read.status, 200, read.text);
  assert.equal((await bob.get(`/fhir/Observation/o5?_asOf=${then}`)).status, 404);
});

test('a read as of an instant is the version of then', async () => {
  const old = await admin.get(`/fhir/Observation/o1?_asOf=${then}`);
  assert.equal(old.body['valueString'], 'low');
  assert.equal(old.headers['etag'], 'W/"1"');
  assert.equal((await admin.get(`/fhir/Observation/o2?_asOf=${then}`)).status, 200);
  assert.equal((await admin.get('/fhir/Observation/o2')).status, 410);
  assert.equal((await admin.get(`/fhir/Observation/o8?_asOf=${then}`)).status, 404);
  assert.equal((await admin.get('/fhir/Observation/o8?_asOf=yesterday')).status, 400);
});

test('what cannot be answered of the past is refused', async () => {
  const future = new Date(Date.now() + 60_000).toISOString();
  const asked = [`_asOf=${future}`, `_asOf=${then}&_include=Observation:subject`, '_asOf=2020'];
  asked.push(`_asOf=${then}&subject:Patient._id=ann`);
  for (const query of asked) {
    assert.equal((await admin.get(`/fhir/Observation?${query}`)).status, 400, query);
  }
});
