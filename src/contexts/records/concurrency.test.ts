import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Asker, bundleOf, type TestRecords, testRecords } from '../../../test/records.ts';

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

const many = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const patient = (more: object = {}) => ({ resourceType: 'Patient', active: true, ...more });

test('20 identical conditional creates at once make exactly one record', async () => {
  const identifier = [{ system: 'urn:mrn', value: randomUUID() }];
  const criteria = { 'if-none-exist': `identifier=urn:mrn|${identifier[0]?.value}` };
  const answers = await many(20, () =>
    admin.post('/fhir/Patient', patient({ identifier }), criteria),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...new Array<number>(19).fill(200), 201]);
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
});

test('20 identical transactions with ifNoneExist make one record and link to it', async () => {
  const value = randomUUID();
  const answers = await many(20, () => {
    const fullUrl = `urn:uuid:${randomUUID()}`;
    const subject = { reference: fullUrl };
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    const ifNoneExist = `identifier=${value}`;
    return admin.post(
      '/fhir',
      bundleOf('transaction', [
        {
          ...{ fullUrl, resource: patient({ identifier: [{ value }] }) },
          request: { method: 'POST', url: 'Patient', ifNoneExist },
        },
        {
          resource: { ...observation, subject },
          request: { method: 'POST', url: 'Observation' },
        },
        {
          resource: { resourceType: 'Basic', id: value, code: { text: 'x' }, subject },
          request: { method: 'PUT', url: `Basic/${value}` },
        },
      ]),
    );
  });
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const found = await admin.get(`/fhir/Patient?identifier=${value}`);
  assert.equal(found.body.total, 1);
  const id = found.body.entry?.[0]?.resource.id;
  assert.equal((await admin.get(`/fhir/Observation?subject=Patient/${id}`)).body.total, 20);
  const basic = await admin.get(`/fhir/Basic/${value}`);
  assert.equal(basic.headers['etag'], 'W/"20"');
  assert.deepEqual(basic.body['subject'], { reference: `Patient/${id}` });
});

test('16 writes of one new id at once are versions 1 to 16, and one of them created it', async () => {
  const id = randomUUID();
  const answers = await many(16, (n) =>
    admin.put(`/fhir/Patient/${id}`, patient({ id, name: [{ text: `${n}` }] })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...new Array<number>(15).fill(200), 201]);
  const versions = answers.map(({ body }) => Number(body.meta.versionId));
  assert.deepEqual(
    versions.sort((a, b) => a - b),
    Array.from({ length: 16 }, (_, n) => n + 1),
  );
  assert.equal((await admin.get(`/fhir/Patient/${id}/_history`)).body.total, 16);
});

test('of 16 updates with one If-Match exactly one is done', async () => {
  const { id } = (await admin.post('/fhir/Patient', patient())).body;
  const answers = await many(16, () =>
    admin.put(`/fhir/Patient/${id}`, patient({ id }), { 'if-match': 'W/"1"' }),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, ...new Array<number>(15).fill(412)]);
});

test('transactions over the same records in opposite order all succeed', async () => {
  const ids = Array.from({ length: 12 }, () => randomUUID());
  const run = (order: string[], round: number) =>
    admin.post(
      '/fhir',
      bundleOf(
        'transaction',
        order.map((id) => ({
          resource: patient({ id, name: [{ text: `${round}` }] }),
          request: { method: 'PUT', url: `Patient/${id}` },
        })),
      ),
    );
  // The first round makes them, the second finds them: both must be free of deadlock.
  for (const round of [0, 1]) {
    const answers = await many(12, (n) => run(n % 2 === 0 ? ids : [...ids].reverse(), round));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  }
  const history = await admin.get(`/fhir/Patient/${ids[0]}/_history`);
  assert.equal(history.body.total, 24);
});

test('more transactions that read than there are connections do not wait for each other', async () => {
  const { id } = (await admin.post('/fhir/Patient', patient())).body;
  const answers = await many(24, () =>
    admin.post(
      '/fhir',
      bundleOf('transaction', [
        { resource: patient(), request: { method: 'POST', url: 'Patient' } },
        { request: { method: 'GET', url: `Patient/${id}` } },
        { request: { method: 'GET', url: 'Patient?active=true&_count=1' } },
      ]),
    ),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
});

test('the index says what the record says after many writers at once', async () => {
  const id = randomUUID();
  const family = (n: number) => `Quarterstaff${'abcdefghijklmnop'[n]}`;
  await many(16, (n) =>
    admin.put(`/fhir/Patient/${id}`, patient({ id, name: [{ family: family(n) }] })),
  );
  const [{ family: last } = { family: '' }] = (await admin.get(`/fhir/Patient/${id}`)).body[
    'name'
  ] as { family: string }[];
  for (let n = 0; n < 16; n += 1) {
    const { total } = (await admin.get(`/fhir/Patient?family:exact=${family(n)}`)).body;
    assert.equal(total, family(n) === last ? 1 : 0);
  }
});
