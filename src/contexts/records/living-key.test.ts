import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { idsOf, type TestRecords, testRecords } from '../../../test/records.ts';

let r: TestRecords;
before(async () => {
  r = await testRecords();
});
after(() => r.close());

test('an erased patient leaves lists readable: their own records are missing from them', async () => {
  const tenant = await r.newTenant('Erasing');
  const doctor = await r.asker(tenant, 'doctor');
  for (const id of ['erased', 'kept']) {
    const patient = { resourceType: 'Patient', id, name: [{ family: 'Listed' }] };
    assert.equal((await doctor.put(`/fhir/Patient/${id}`, patient)).status, 201);
  }
  assert.deepEqual(idsOf(await doctor.get('/fhir/Patient?family=listed')).sort(), [
    'erased',
    'kept',
  ]);
  await erase(tenant, 'erased');
  assert.equal((await doctor.get('/fhir/Patient/erased')).status, 410);
  assert.deepEqual(idsOf(await doctor.get('/fhir/Patient?family=listed')), ['kept']);
  assert.deepEqual(idsOf(await doctor.get('/fhir/Patient?family=listed&_sort=family')), ['kept']);
  const { body: history } = await doctor.get('/fhir/Patient/_history');
  assert.equal(history.entry?.length, 2);
  assert.equal(history.entry?.filter((entry) => entry.resource === undefined).length, 1);
});

async function erase(tenant: number, id: string): Promise<void> {
  const { phi } = r.app;
  const hash = await phi.hasher(tenant);
  await r.t.database.transaction(tenant, (tx) => phi.destroy(tx, hash('self', `Patient/${id}`)));
}
