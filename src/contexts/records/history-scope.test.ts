import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  linkOf,
  type TestRecords,
  testRecords,
} from '../../../test/records.ts';

let r: TestRecords;

before(async () => {
  r = await testRecords();
});
after(() => r.close());

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more });
const observation = (id: string, subject: string) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' } },
  subject: { reference: `Patient/${subject}` },
});

async function clinic(): Promise<{ tenant: number; admin: Asker }> {
  const tenant = await r.newTenant(`Clinic ${randomUUID()}`);
  return { tenant, admin: await r.asker(tenant, 'admin') };
}

const shown = (answer: Answer) =>
  (answer.body.entry ?? []).map(({ request, response }) => [
    request?.method,
    request?.url,
    response.status.slice(0, 3),
    response.etag,
  ]);

test('the history of everything is that of all types, newest first, in pages', async () => {
  const { tenant, admin } = await clinic();
  await admin.put('/fhir/Patient/ann', patient('ann'));
  await admin.put('/fhir/Observation/one', observation('one', 'ann'));
  await admin.put('/fhir/Patient/ann', patient('ann', { gender: 'female' }));
  await admin.remove('/fhir/Observation/one');
  await admin.put('/fhir/Observation/one', observation('one', 'ann'));
  const whole = await admin.get('/fhir/_history');
  assert.equal(whole.status, 200, whole.text);
  assert.equal(whole.body.total, 5);
  const expected = [
    // A deleted record that lives again was created (FHIR R4 http.html#history).
    ['PUT', 'Observation/one', '201', 'W/"3"'],
    ['DELETE', 'Observation/one', '204', 'W/"2"'],
    ['PUT', 'Patient/ann', '200', 'W/"2"'],
    ['PUT', 'Observation/one', '201', 'W/"1"'],
    ['PUT', 'Patient/ann', '201', 'W/"1"'],
  ];
  assert.deepEqual(shown(whole), expected);
  assert.equal(whole.body.entry?.[1]?.resource, undefined);
  assert.equal(whole.body.entry?.[0]?.fullUrl, `${r.baseUrl}/Observation/one`);
  const paged = [];
  for (let next: string | undefined = '/fhir/_history?_count=2'; next !== undefined; ) {
    const answer: Answer = await admin.get(next);
    paged.push(...shown(answer));
    next = linkOf(answer, 'next');
  }
  assert.deepEqual(paged, expected);
  const empty = await admin.get('/fhir/_history?_count=0');
  assert.equal(empty.body.total, 5);
  assert.equal(empty.body.entry, undefined);
  assert.equal((await r.audited(tenant))['record.history'], 11);
});

test('a caller sees of everything what they may see, and of a clinic only its own', async () => {
  const { tenant, admin } = await clinic();
  for (const id of ['ann', 'bob']) {
    await admin.put(`/fhir/Patient/${id}`, patient(id));
    await admin.put(`/fhir/Observation/of-${id}`, observation(`of-${id}`, id));
  }
  const ann = await r.asker(tenant, 'patient', 'ann');
  const own = await ann.get('/fhir/_history');
  assert.equal(own.body.total, 2, own.text);
  assert.ok(!own.text.includes('bob'));
  const staff = await r.asker(tenant, 'staff');
  assert.deepEqual(
    shown(await staff.get('/fhir/_history')).map(([, url]) => url),
    ['Patient/bob', 'Patient/ann'],
  );
  const { admin: elsewhere } = await clinic();
  assert.equal((await elsewhere.get('/fhir/_history')).body.total, 0);
  const denied = (await r.audited(tenant))['access.denied'] ?? 0;
  const billing = await r.asker(tenant, 'billing');
  assert.equal((await billing.get('/fhir/Patient/_history')).status, 403);
  assert.equal((await r.audited(tenant))['access.denied'], denied + 1);
});

test('_at shows what was current at a time, _since what came from then on', async () => {
  const { admin } = await clinic();
  const url = '/fhir/Patient/ann';
  const times: string[] = [];
  for (const gender of ['male', 'female', 'other']) {
    const answer = await admin.put(url, patient('ann', { gender }));
    times.push(answer.body.meta.lastUpdated);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await admin.put('/fhir/Patient/bob', patient('bob'));
  const [first = '', second = '', third = ''] = times;
  const versions = async (query: string) => {
    const answer = await admin.get(`${url}/_history?${query}`);
    assert.equal(answer.status, 200, answer.text);
    const found = shown(answer).map(([, , , etag]) => etag);
    assert.equal(answer.body.total, found.length);
    return found.join();
  };
  assert.equal(await versions(`_at=${first}`), 'W/"1"');
  assert.equal(await versions(`_at=${second}`), 'W/"2"');
  assert.equal(await versions(`_at=ge${second}`), 'W/"3",W/"2"');
  assert.equal(await versions(`_at=lt${second}`), 'W/"1"');
  assert.equal(await versions('_at=lt2001'), '');
  assert.equal(await versions(`_at=${new Date().getUTCFullYear()}`), 'W/"3",W/"2",W/"1"');
  assert.equal(await versions(`_since=${third}`), 'W/"3"');
  assert.equal(await versions(`_since=${second}&_at=${second}`), 'W/"2"');
  const all = await admin.get(`/fhir/_history?_since=${second}`);
  assert.equal(all.body.total, 3);
  assert.match(linkOf(all, 'self') ?? '', /_since=/);
});

test('what a history does not take is refused', async () => {
  const { admin } = await clinic();
  for (const query of [
    '_since=yesterday',
    '_at=x',
    '_count=-1',
    'gender=male',
    '_at=2020&_at=21',
  ]) {
    assert.equal((await admin.get(`/fhir/_history?${query}`)).status, 400, query);
  }
  await admin.put('/fhir/Patient/ann', patient('ann'));
  await admin.put('/fhir/Patient/ann', patient('ann', { gender: 'other' }));
  const other = linkOf(await admin.get('/fhir/Patient/_history?_count=1'), 'next') ?? '';
  assert.ok(other);
  const moved = other.replace('/fhir/Patient/_history', '/fhir/_history');
  assert.equal((await admin.get(moved)).status, 400);
});

test('a version is never older than the one before it, however many write at once', async () => {
  const { admin } = await clinic();
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      n % 2 === 0
        ? admin.put('/fhir/Patient/ann', patient('ann'))
        : admin.put('/fhir/Patient?_id=ann', patient('ann')),
    ),
  );
  for (const { status, text } of answers) assert.ok(status === 200 || status === 201, text);
  const entries = (await admin.get('/fhir/Patient/ann/_history')).body.entry ?? [];
  assert.equal(entries.length, 24);
  const versions = entries.map(({ response }) => Number(/\d+/.exec(response.etag ?? '')?.[0]));
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => b - a),
  );
});
