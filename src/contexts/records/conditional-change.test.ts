import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Asker, bundleOf, type TestRecords, testRecords } from '../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

const many = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const patient = (value: string, more: object = {}) => ({
  ...{ resourceType: 'Patient', active: true, identifier: [{ system: 'urn:mrn', value }] },
  ...more,
});
const where = (value: string) => `/fhir/Patient?identifier=urn:mrn|${value}`;
const totalOf = async (value: string) => (await admin.get(where(value))).body.total;

test('a conditional update makes none, then updates the one; an id must be its', async () => {
  const value = randomUUID();
  const first = await admin.put(where(value), patient(value));
  assert.equal(first.status, 201, first.text);
  const { id } = first.body;
  const second = await admin.put(where(value), patient(value, { gender: 'female' }));
  assert.equal(second.status, 200, second.text);
  assert.equal(second.body.id, id);
  assert.equal(second.headers['etag'], 'W/"2"');
  assert.equal((await admin.put(where(value), patient(value, { id }))).headers['etag'], 'W/"3"');
  const other = await admin.put(where(value), patient(value, { id: 'other' }));
  assert.equal(other.status, 400);
  assert.equal(other.body.resourceType, 'OperationOutcome');
  assert.equal(await totalOf(value), 1);
});

test('a conditional update without a match takes the id given, unless that is taken', async () => {
  const [value, id] = [randomUUID(), randomUUID()];
  const made = await admin.put(where(value), patient(value, { id }));
  assert.equal(made.status, 201);
  assert.equal(made.body.id, id);
  const elsewhere = randomUUID();
  const taken = await admin.put(where(elsewhere), patient(elsewhere, { id }));
  assert.equal(taken.status, 409, taken.text);
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).headers['etag'], 'W/"1"');
});

test('of several matches none is updated or deleted', async () => {
  const value = randomUUID();
  for (const _ of [1, 2]) await admin.post('/fhir/Patient', patient(value));
  for (const answer of [
    await admin.put(where(value), patient(value)),
    await admin.remove(where(value)),
  ]) {
    assert.equal(answer.status, 412, answer.text);
    assert.equal(answer.body.issue[0]?.code, 'multiple-matches');
  }
  assert.equal(await totalOf(value), 2);
});

test('a conditional delete deletes the one, and says 204 when there is none', async () => {
  const value = randomUUID();
  const { id } = (await admin.post('/fhir/Patient', patient(value))).body;
  const done = await admin.remove(where(value));
  assert.equal(done.status, 204, done.text);
  assert.equal(done.headers['etag'], 'W/"2"');
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).status, 410);
  assert.equal((await admin.remove(where(value))).status, 204);
});

test('criteria are needed, and one that is not known is refused, not ignored', async () => {
  await admin.post('/fhir/Basic', { resourceType: 'Basic', code: { text: 'x' } });
  for (const url of ['/fhir/Basic', '/fhir/Basic?', '/fhir/Basic?_format=json']) {
    assert.equal((await admin.remove(url)).status, 400, url);
  }
  const lenient = { prefer: 'handling=lenient' };
  for (const url of ['/fhir/Basic?colour=red', '/fhir/Basic?_count=1']) {
    const answer = await admin.remove(url, lenient);
    assert.equal(answer.status, 400, `${url}: ${answer.text}`);
  }
  assert.ok(((await admin.get('/fhir/Basic')).body.total ?? 0) > 0);
});

test('If-Match and If-None-Match decide on what is there when it is changed', async () => {
  const id = randomUUID();
  const url = `/fhir/Patient/${id}`;
  const body = patient(id, { id });
  assert.equal((await admin.put(url, body, { 'if-match': '*' })).status, 412);
  assert.equal((await admin.put(url, body, { 'if-none-match': '*' })).status, 201);
  const again = await admin.put(url, body, { 'if-none-match': '*' });
  assert.equal(again.status, 412, again.text);
  assert.equal((await admin.put(url, body, { 'if-match': 'W/"7", W/"1"' })).status, 200);
  assert.equal((await admin.put(url, body, { 'if-match': 'W/"1"' })).status, 412);
  assert.equal((await admin.put(url, body, { 'if-match': 'x' })).status, 400);
  assert.equal((await admin.remove(url, { 'if-match': 'W/"1"' })).status, 412);
  assert.equal((await admin.remove(url, { 'if-match': '*' })).status, 204);
  assert.equal((await admin.put(url, body, { 'if-none-match': '*' })).status, 201);
});

test('who may not search cannot change by criteria, and leaves an audit row', async () => {
  const value = randomUUID();
  await admin.post('/fhir/Patient', patient(value));
  const before = (await r.audited(tenant))['access.denied'] ?? 0;
  const nurse = await r.asker(tenant, 'nurse');
  assert.equal((await nurse.remove(where(value))).status, 403);
  const own = await r.asker(tenant, 'patient', 'nobody');
  assert.equal((await own.put(where(value), patient(value))).status, 403);
  assert.equal(await totalOf(value), 1);
  assert.equal((await r.audited(tenant))['access.denied'], before + 2);
});

test('64 conditional updates of one condition at once make one record', async () => {
  const value = randomUUID();
  const answers = await many(64, (n) =>
    admin.put(where(value), patient(value, { name: [{ text: `${n}` }] })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...new Array<number>(63).fill(200), 201]);
  const versions = answers.map(({ body }) => Number(body.meta.versionId)).sort((a, b) => a - b);
  assert.deepEqual(
    versions,
    Array.from({ length: 64 }, (_, n) => n + 1),
  );
  assert.equal(await totalOf(value), 1);
});

test('64 writers of one condition in every way at once: no duplicate, nothing but their answers', async () => {
  const value = randomUUID();
  const criteria = `identifier=urn:mrn|${value}`;
  const answers = await many(64, (n) => {
    if (n % 4 === 0) return admin.put(where(value), patient(value));
    if (n % 4 === 1)
      return admin.post('/fhir/Patient', patient(value), { 'if-none-exist': criteria });
    if (n % 4 === 2) return admin.remove(where(value));
    const request = { method: 'PUT', url: `Patient?${criteria}` };
    return admin.post('/fhir', bundleOf('transaction', [{ resource: patient(value), request }]));
  });
  for (const { status, text } of answers) assert.ok([200, 201, 204].includes(status), text);
  assert.ok(((await totalOf(value)) ?? 2) <= 1);
});

test('a record that stops matching while it is waited for is not changed', async () => {
  for (let round = 0; round < 8; round += 1) {
    const [value, id] = [randomUUID(), randomUUID()];
    await admin.put(`/fhir/Patient/${id}`, patient(value, { id }));
    const [, deleted] = await Promise.all([
      admin.put(`/fhir/Patient/${id}`, patient('elsewhere', { id })),
      admin.remove(where(value)),
    ]);
    const now = await admin.get(`/fhir/Patient/${id}`);
    // Either it was deleted first and then made again, or it no longer matched: it always lives.
    assert.equal(now.status, 200, `${deleted.status}`);
    assert.equal(await totalOf(value), 0);
  }
});

test('64 transactions over the same 5 records in different orders all succeed', async () => {
  const ids = Array.from({ length: 5 }, () => randomUUID());
  const answers = await many(64, (n) => {
    const order = ids.map((_, at) => ids[(at * ((n % 4) + 1) + n) % 5] ?? '');
    return admin.post(
      '/fhir',
      bundleOf(
        'transaction',
        order.map((id) => ({
          resource: patient(id, { id }),
          request: { method: 'PUT', url: `Patient/${id}` },
        })),
      ),
    );
  });
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  for (const id of ids) {
    assert.equal((await admin.get(`/fhir/Patient/${id}`)).headers['etag'], 'W/"64"');
  }
});
