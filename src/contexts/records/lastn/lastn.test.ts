import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, idsOf, type TestRecords, testRecords } from '../../../../test/records.ts';
import { CodeGroups } from './code-group.ts';

let r: TestRecords;
let tenant: number;
let doctor: Asker;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('lastn clinic');
  doctor = await r.asker(tenant, 'doctor');
  await doctor.put('/fhir/Patient/ann', { resourceType: 'Patient', id: 'ann' });
  await stored('pulse-1', '2020-01-01', [loinc('8867-4')]);
  await stored('pulse-3', '2020-03-01', [loinc('8867-4')]);
  await stored('pulse-2', '2020-02-01', [loinc('8867-4'), { system: 'urn:local', code: 'P' }]);
  await stored('pulse-local', '2019-01-01', [{ system: 'urn:local', code: 'P' }]);
  await stored('weight', '2020-01-15', [loinc('29463-7')]);
  await stored('other', '2020-04-01', [loinc('8867-4')], 'bob');
});
after(() => r.close());

const loinc = (code: string) => ({ system: 'http://loinc.org', code });

async function stored(id: string, date: string, coding: object[], patient = 'ann') {
  const answer = await doctor.put(`/fhir/Observation/${id}`, {
    ...{ resourceType: 'Observation', id, status: 'final', code: { coding } },
    ...{ subject: { reference: `Patient/${patient}` }, effectiveDateTime: date },
    category: [{ coding: [{ code: id === 'weight' ? 'exam' : 'vital-signs' }] }],
  });
  assert.equal(answer.status, 201, answer.text);
}

const lastn = (query: string) => doctor.get(`/fhir/Observation/$lastn?${query}`);

test('the newest of each code, the code of the newest first', async () => {
  assert.deepEqual(idsOf(await lastn('patient=ann')), ['pulse-3', 'weight']);
  const two = await lastn('subject=Patient/ann&max=2');
  assert.deepEqual(idsOf(two), ['pulse-3', 'pulse-2', 'weight']);
  assert.equal(two.body.total, 3);
});

test('observations that share a coding are of one code', async () => {
  const all = idsOf(await lastn('patient=ann&max=10'));
  assert.deepEqual(all, ['pulse-3', 'pulse-2', 'pulse-1', 'pulse-local', 'weight']);
  const groups = new CodeGroups<string>();
  groups.of({ coding: [{ code: 'a' }] }).members.push('1');
  groups.of({ coding: [{ code: 'b' }] }).members.push('2');
  groups.of({ coding: [{ code: 'b' }, { code: 'a' }] }).members.push('3');
  groups.of({ text: 'A ' }).members.push('4');
  groups.of({ text: 'a' }).members.push('5');
  assert.deepEqual(
    groups.all().map((one) => one.toSorted()),
    [
      ['1', '2', '3'],
      ['4', '5'],
    ],
  );
});

test('other search parameters narrow it', async () => {
  assert.deepEqual(idsOf(await lastn('patient=ann&category=exam')), ['weight']);
  assert.deepEqual(idsOf(await lastn('patient=ann&date=lt2020-02-15&code=8867-4')), ['pulse-2']);
  const parameter = [
    { name: 'patient', valueString: 'ann' },
    { name: 'max', valuePositiveInt: 1 },
  ];
  const body = { resourceType: 'Parameters', parameter };
  const posted = await doctor.post('/fhir/Observation/$lastn', body);
  assert.deepEqual(idsOf(posted), ['pulse-3', 'weight']);
});

test('what is not understood is refused', async () => {
  const wrong = ['code=8867-4', 'patient=ann&max=0', 'patient=ann&_sort=date', 'patient=ann&x=y'];
  for (const query of wrong) assert.equal((await lastn(query)).status, 400, query);
});

test('nobody sees more by it than by searching, and what was shown is in the audit', async () => {
  const staff = await r.asker(tenant, 'staff');
  assert.equal((await staff.get('/fhir/Observation/$lastn?patient=ann')).status, 403);
  const ann = await r.asker(tenant, 'patient', 'ann');
  assert.deepEqual(idsOf(await ann.get('/fhir/Observation/$lastn?patient=bob')), []);
  const count = async () => (await r.audited(tenant))['record.search'] ?? 0;
  const before = await count();
  await lastn('patient=ann');
  assert.equal((await count()) - before, 2);
});
