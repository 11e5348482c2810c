import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bundleOf, idsOf, type TestRecords, testRecords } from '../../../../test/records.ts';

/** More than are looked up one by one (ids-matching.ts): the search begins at them together. */
const MANY = 150;

let r: TestRecords;
let tenant: number;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  const entries = Array.from({ length: MANY + 10 }, (_, n) => [
    put('Patient', `p${n}`, { active: true }),
    put('Observation', `o${n}`, {
      ...{ status: n < MANY ? 'final' : 'amended', code: { text: 'x' } },
      subject: { reference: `Patient/p${n}` },
    }),
  ]).flat();
  const admin = await r.asker(tenant, 'admin');
  const answer = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(answer.status, 200, answer.text);
});
after(() => r.close());

function put(resourceType: string, id: string, more: object): object {
  const url = `${resourceType}/${id}`;
  return { resource: { resourceType, id, ...more }, request: { method: 'PUT', url } };
}

test('_has over many records finds those they point to, and no others', async () => {
  const doctor = await r.asker(tenant, 'doctor');
  const many = await doctor.get('/fhir/Patient?_has:Observation:patient:status=final&_count=1000');
  assert.equal(idsOf(many).length, MANY, many.text.slice(0, 300));
  assert.ok(!idsOf(many).includes(`p${MANY}`));
  const few = await doctor.get('/fhir/Patient?_has:Observation:patient:status=amended');
  assert.equal(idsOf(few).length, 10);
  const both = '/fhir/Patient?_has:Observation:patient:status=final&_id=p3,p155';
  assert.deepEqual(idsOf(await doctor.get(both)), ['p3']);
});

test('what a patient may not see is no way to anything', async () => {
  const own = await r.asker(tenant, 'patient', 'p7');
  const answer = await own.get('/fhir/Patient?_has:Observation:patient:status=final');
  assert.deepEqual(idsOf(answer), ['p7']);
  const elsewhere = await r.asker(await r.newTenant('Hillside Clinic'), 'admin');
  const none = await elsewhere.get('/fhir/Patient?_has:Observation:patient:status=final');
  assert.deepEqual(idsOf(none), []);
});
