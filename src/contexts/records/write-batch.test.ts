import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

const basic = (id: string, text = 'x') => ({ resourceType: 'Basic', id, code: { text } });

test('writes at once each succeed or fail for themselves, whoever sends them', async () => {
  const nurse = await r.asker(tenant, 'nurse');
  for (const id of ['stale', 'kept', 'gone']) await admin.put(`/fhir/Basic/${id}`, basic(id));
  const rounds = Array.from({ length: 8 }, (_, n) => [
    admin.put(`/fhir/Basic/new${n}`, basic(`new${n}`)),
    admin.put('/fhir/Basic/stale', basic('stale'), { 'if-match': 'W/"7"' }),
    nurse.remove('/fhir/Basic/kept'),
    admin.post('/fhir/Patient', { resourceType: 'Patient', active: true }),
    admin.remove('/fhir/Basic/gone'),
    admin.post('/fhir/Patient', { resourceType: 'Patient', gender: 'blue' }),
  ]);
  const answers = await Promise.all(rounds.map((round) => Promise.all(round)));
  for (const [index, round] of answers.entries()) {
    const statuses = round.map(({ status }) => status);
    assert.deepEqual(statuses, [201, 412, 403, 201, 204, 422], `round ${index}`);
  }
  assert.equal((await admin.get('/fhir/Basic/kept')).status, 200);
  assert.equal((await admin.get('/fhir/Basic/gone/_history')).body.total, 2);
  assert.equal((await admin.get('/fhir/Basic/stale')).headers['etag'], 'W/"1"');
  assert.equal((await r.audited(tenant))['access.denied'], 8);
});

test('writes to one record keep the order they came in', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => admin.put('/fhir/Basic/busy', basic('busy', `${n}`))),
  );
  const versions = answers.map(({ body }) => Number(body.meta.versionId));
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  const now = (await admin.get('/fhir/Basic/busy')).body;
  assert.deepEqual(now['code'], { text: '11' });
});

test('a record whose sealed part was edited fails alone', async () => {
  for (const id of ['sound', 'edited']) await admin.put(`/fhir/Basic/${id}`, basic(id));
  await r.behind(
    "update records.resource set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where id = 'edited'",
  );
  const [sound, edited] = await Promise.all([
    admin.put('/fhir/Basic/sound', basic('sound', 'y')),
    admin.put('/fhir/Basic/edited', basic('edited', 'y')),
  ]);
  assert.equal(sound.status, 200);
  assert.equal(edited.status, 500);
  assert.equal((await admin.get('/fhir/Basic/edited')).status, 500);
});
