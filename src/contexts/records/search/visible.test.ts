import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../../../../test/records.ts';

let r: TestRecords;
before(async () => {
  r = await testRecords();
});
after(() => r.close());

test('a search by what the caller does not see is refused, and the refusal is audited', async () => {
  const tenant = await r.newTenant('Unseen');
  const staff = await r.asker(tenant, 'staff');
  assert.equal((await r.audited(tenant))['access.denied'] ?? 0, 0);
  for (const query of ['reason-code=73211009', '_sort=reason-code', 'reason-code:missing=true']) {
    assert.equal((await staff.get(`/fhir/Appointment?${query}`)).status, 403, query);
  }
  assert.equal((await r.audited(tenant))['access.denied'], 3);
});

test('a search by a part of what the caller does see is answered', async () => {
  const tenant = await r.newTenant('Seen');
  const staff = await r.asker(tenant, 'staff');
  await staff.post('/fhir/Patient', { resourceType: 'Patient', name: [{ family: 'Adler' }] });
  for (const query of [
    'family=adler',
    'address-city:missing=true',
    '_sort=family',
    'phone:missing=true',
  ]) {
    const answer = await staff.get(`/fhir/Patient?${query}`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.total, 1, query);
  }
});
