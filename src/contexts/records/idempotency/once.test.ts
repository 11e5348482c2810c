import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Asker, bundleOf, type TestRecords, testRecords } from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

const patient = (more: object = {}) => ({ resourceType: 'Patient', active: true, ...more });
const withKey = (key: string = randomUUID()) => ({ 'idempotency-key': key });
const totalOf = async (value: string) =>
  (await admin.get(`/fhir/Patient?identifier=${value}`)).body.total;

test('a create sent twice with one key is done once and answered alike', async () => {
  const value = randomUUID();
  const [body, headers] = [patient({ identifier: [{ value }] }), withKey()];
  const first = await admin.post('/fhir/Patient', body, headers);
  assert.equal(first.status, 201);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  const again = await admin.post('/fhir/Patient', body, headers);
  assert.equal(again.status, 201);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.text, first.text);
  for (const name of ['location', 'etag', 'last-modified']) {
    assert.equal(again.headers[name], first.headers[name], name);
  }
  assert.equal(await totalOf(value), 1);
  assert.equal((await admin.post('/fhir/Patient', body, withKey())).status, 201);
  assert.equal(await totalOf(value), 2);
});

test('an update, a patch and a delete are done once too', async () => {
  const id = randomUUID();
  const url = `/fhir/Patient/${id}`;
  const [put, patch, remove] = [withKey(), withKey(), withKey()];
  for (const _ of [1, 2, 3]) await admin.put(url, patient({ id }), put);
  assert.equal((await admin.get(url)).headers['etag'], 'W/"1"');
  const body = JSON.stringify([{ op: 'add', path: '/gender', value: 'other' }]);
  const headers = { 'content-type': 'application/json-patch+json', ...patch };
  for (const _ of [1, 2]) {
    assert.equal((await r.ask(admin.token, 'PATCH', url, { body, headers })).status, 200);
  }
  assert.equal((await admin.get(url)).headers['etag'], 'W/"2"');
  for (const _ of [1, 2]) assert.equal((await admin.remove(url, remove)).status, 204);
  await admin.put(url, patient({ id }));
  // Another clock tick of the same key: it deletes nothing any more.
  assert.equal((await admin.remove(url, remove)).headers['etag'], 'W/"3"');
  assert.equal((await admin.get(url)).status, 200);
});

test('a key that stood for another request is refused', async () => {
  const headers = withKey();
  await admin.post('/fhir/Patient', patient(), headers);
  const other = await admin.post('/fhir/Patient', patient({ gender: 'other' }), headers);
  assert.equal(other.status, 422, other.text);
  assert.equal(other.body.issue[0]?.details.coding?.[0]?.code, 'IDEMPOTENCY_KEY_REUSED');
  const elsewhere = await admin.put('/fhir/Patient/x', patient({ id: 'x' }), headers);
  assert.equal(elsewhere.status, 422);
  const condition = { ...headers, 'if-none-exist': 'identifier=x' };
  assert.equal((await admin.post('/fhir/Patient', patient(), condition)).status, 422);
  const bad = await admin.post('/fhir/Patient', patient(), withKey('ä'.repeat(3)));
  assert.equal(bad.status, 400);
});

test('of 16 sent at once one is done; the others get its answer or are told to wait', async () => {
  const value = randomUUID();
  const [body, headers] = [patient({ identifier: [{ value }] }), withKey()];
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => admin.post('/fhir/Patient', body, headers)),
  );
  for (const { status, text } of answers) assert.ok(status === 201 || status === 409, text);
  assert.equal(await totalOf(value), 1);
  const ids = answers.filter(({ status }) => status === 201).map(({ body: { id } }) => id);
  assert.equal(new Set(ids).size, 1);
});

test('a refused request has left nothing: its key is free', async () => {
  const headers = withKey();
  const url = '/fhir/Patient/late';
  const body = patient({ id: 'late' });
  const early = await admin.put(url, body, { ...headers, 'if-match': 'W/"1"' });
  assert.equal(early.status, 412);
  await admin.put(url, body);
  assert.equal((await admin.put(url, body, { ...headers, 'if-match': 'W/"1"' })).status, 200);
});

test('a key is of one caller, and an answer is shown to who may still read', async () => {
  const [headers, body] = [withKey(), patient()];
  const mine = await admin.post('/fhir/Patient', body, headers);
  const researcher = await r.asker(tenant, 'researcher');
  const doctor = await r.asker(tenant, 'doctor');
  assert.equal((await researcher.post('/fhir/Patient', body, headers)).status, 403);
  const theirs = await doctor.post('/fhir/Patient', body, headers);
  assert.equal(theirs.status, 201);
  assert.notEqual(theirs.body.id, mine.body.id);
  const before = (await r.audited(tenant))['record.vread'] ?? 0;
  await doctor.post('/fhir/Patient', body, headers);
  assert.equal((await r.audited(tenant))['record.vread'], before + 1);
});

test('a transaction sent twice is done once; a batch does what it has not done', async () => {
  const value = randomUUID();
  const entry = {
    resource: patient({ identifier: [{ value }] }),
    request: { method: 'POST', url: 'Patient' },
  };
  const headers = withKey();
  const first = await admin.post('/fhir', bundleOf('transaction', [entry, entry]), headers);
  const again = await admin.post('/fhir', bundleOf('transaction', [entry, entry]), headers);
  assert.equal(again.text, first.text);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(await totalOf(value), 2);
  const other = withKey();
  const bad = { resource: patient({ gender: 'blue' }), request: entry.request };
  for (const _ of [1, 2]) {
    const answer = await admin.post('/fhir', bundleOf('batch', [entry, bad]), other);
    const statuses = (answer.body.entry ?? []).map(({ response }) => response.status.slice(0, 3));
    assert.deepEqual(statuses, ['201', '422'], answer.text);
  }
  assert.equal(await totalOf(value), 3);
});

test('a key is forgotten after a day, and its row with it', async () => {
  const [headers, value] = [withKey(), randomUUID()];
  const body = patient({ identifier: [{ value }] });
  await admin.post('/fhir/Patient', body, headers);
  await r.behind("update records.idempotency set made_at = made_at - interval '25 hours'");
  await admin.post('/fhir/Patient', body, headers);
  assert.equal(await totalOf(value), 2);
  const rows = await r.behind('select count(*)::int as rows from records.idempotency');
  assert.equal(rows[0]?.['rows'], 1);
});

test('what is kept of a request tells nothing', async () => {
  const [family, key] = [`Quarterstaff${randomUUID()}`, `key-${randomUUID()}`];
  await admin.post('/fhir/Patient', patient({ name: [{ family }] }), withKey(key));
  const rows = await r.behind(
    "select encode(key, 'escape') || encode(request, 'escape') || encode(answer, 'escape') as all from records.idempotency",
  );
  assert.ok(rows.length > 0);
  for (const row of rows) {
    assert.ok(!String(row['all']).includes(family) && !String(row['all']).includes(key));
  }
});
