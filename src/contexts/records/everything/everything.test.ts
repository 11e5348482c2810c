import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  bundleOf,
  linkOf,
  type Resource,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let doctor: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('everything clinic');
  doctor = await r.asker(tenant, 'doctor');
  const admin = await r.asker(tenant, 'admin');
  const resources: Resource[] = [
    { resourceType: 'Organization', id: 'org', name: 'Lakeside' },
    { resourceType: 'Practitioner', id: 'doc', gender: 'female' },
    { resourceType: 'Practitioner', id: 'unused', gender: 'male' },
    {
      ...{ resourceType: 'PractitionerRole', id: 'role' },
      ...{ practitioner: { reference: 'Practitioner/doc' }, organization: ref('Organization/org') },
    },
    { resourceType: 'Patient', id: 'ann', managingOrganization: ref('Organization/org') },
    { resourceType: 'Patient', id: 'bob' },
    {
      ...{ resourceType: 'Encounter', id: 'visit', status: 'finished', class: { code: 'AMB' } },
      ...{ subject: ref('Patient/ann'), period: { start: '2020-05-01', end: '2020-05-01' } },
    },
    { ...observation('early', 'ann', '2019-01-01'), encounter: ref('Encounter/visit') },
    { ...observation('late', 'ann', '2021-01-01'), performer: [ref('PractitionerRole/role')] },
    { ...observation('other', 'bob', '2020-01-01'), hasMember: [ref('Observation/early')] },
    {
      resourceType: 'Coverage',
      id: 'card',
      status: 'active',
      beneficiary: ref('Patient/ann'),
      payor: [ref('Organization/org')],
    } as Resource,
    {
      ...{ resourceType: 'Group', id: 'g', type: 'person', actual: true },
      member: [{ entity: ref('Patient/ann') }, { entity: ref('Patient/bob') }],
    },
  ];
  const entries = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(answer.status, 200, answer.text);
});
after(() => r.close());

function ref(reference: string) {
  return { reference };
}

function observation(id: string, patient: string, date: string): Resource {
  return {
    ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'pulse' } },
    ...{ subject: ref(`Patient/${patient}`), effectiveDateTime: date },
  };
}

function namesOf(answer: Answer): string[] {
  assert.equal(answer.status, 200, answer.text);
  const entries = answer.body.entry ?? [];
  const seen = entries.filter(({ search }) => search?.mode !== 'outcome');
  return seen.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
}

test('a patient’s everything is their compartment and what it refers to, each once', async () => {
  const answer = await doctor.get('/fhir/Patient/ann/$everything');
  const names = namesOf(answer);
  assert.equal(names[0], 'Patient/ann');
  assert.deepEqual(names.toSorted(), [
    ...['Coverage/card', 'Encounter/visit', 'Group/g', 'Observation/early', 'Observation/late'],
    ...['Organization/org', 'Patient/ann', 'Practitioner/doc', 'PractitionerRole/role'],
  ]);
  assert.equal(answer.body.type, 'searchset');
});

test('start and end are dates of care; what has none stays', async () => {
  const names = namesOf(
    await doctor.get('/fhir/Patient/ann/$everything?start=2020-01-01&end=2020-12-31'),
  );
  assert.ok(names.includes('Encounter/visit') && names.includes('Coverage/card'));
  assert.ok(!names.includes('Observation/early') && !names.includes('Observation/late'));
});

test('_type and _since narrow it, and what is not understood is refused', async () => {
  const some = await doctor.get('/fhir/Patient/ann/$everything?_type=Encounter');
  assert.deepEqual(namesOf(some), ['Encounter/visit']);
  const since = new Date(Date.now() + 60_000).toISOString();
  assert.deepEqual(namesOf(await doctor.get(`/fhir/Patient/ann/$everything?_since=${since}`)), []);
  assert.equal((await doctor.get('/fhir/Patient/ann/$everything?colour=red')).status, 400);
  assert.equal((await doctor.get('/fhir/Patient/ann/$everything?start=soon')).status, 400);
  assert.equal((await doctor.get('/fhir/Patient/nobody/$everything')).status, 404);
  const body = {
    resourceType: 'Parameters',
    parameter: [{ name: '_type', valueCode: 'Encounter' }],
  };
  assert.deepEqual(namesOf(await doctor.post('/fhir/Patient/ann/$everything', body)), [
    'Encounter/visit',
  ]);
});

test('with _count it comes in pages that hold all of it', async () => {
  const all = new Set<string>();
  let url: string | undefined = '/fhir/Patient/ann/$everything?_count=2';
  for (let pages = 0; url !== undefined; pages += 1) {
    assert.ok(pages < 10);
    const answer: Answer = await doctor.get(url);
    for (const name of namesOf(answer)) all.add(name);
    url = linkOf(answer, 'next');
  }
  assert.deepEqual(
    [...all].sort(),
    namesOf(await doctor.get('/fhir/Patient/ann/$everything')).sort(),
  );
});

test('an encounter’s everything is of that encounter', async () => {
  const names = namesOf(await doctor.get('/fhir/Encounter/visit/$everything'));
  assert.deepEqual(names.toSorted(), [
    ...['Encounter/visit', 'Observation/early', 'Organization/org', 'Patient/ann'],
  ]);
});

test('a group’s everything is its patients’, nothing twice', async () => {
  const names = namesOf(await doctor.get('/fhir/Group/g/$everything'));
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('Observation/other') && names.includes('Observation/late'));
});

test('nobody sees more by it than by reading', async () => {
  const ann = await r.asker(tenant, 'patient', 'ann');
  const own = namesOf(await ann.get('/fhir/Patient/$everything')).sort();
  assert.ok(own.includes('Observation/late') && !own.includes('Group/g'));
  assert.equal((await ann.get('/fhir/Patient/bob/$everything')).status, 404);
  assert.equal((await doctor.get('/fhir/Patient/$everything')).status, 422);
  const staff = await r.asker(tenant, 'staff');
  const seen = await staff.get('/fhir/Patient/ann/$everything');
  assert.ok(!namesOf(seen).some((name) => name.startsWith('Observation')));
  assert.match(seen.text, /do not see these types/);
});

test('every record of it is in the audit', async () => {
  const count = async () => (await r.audited(tenant))['record.search'] ?? 0;
  const before = await count();
  const names = namesOf(await doctor.get('/fhir/Patient/ann/$everything'));
  // The patient itself was read.
  assert.equal((await count()) - before, names.length - 1);
});
