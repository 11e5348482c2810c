import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Asker,
  bundleOf,
  idsOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

const put = (resource: { resourceType: string; id: string } & Record<string, unknown>) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});

test('a page that cannot hold all it should include says so', async () => {
  const members = Array.from({ length: 1100 }, (_, n) => `m${n}`);
  const group = (id: string, ids: string[]) =>
    put({
      ...{ resourceType: 'Group', id, type: 'practitioner', actual: true },
      member: ids.map((one) => ({ entity: { reference: `Practitioner/${one}` } })),
    });
  const staff = members.map((id) => put({ resourceType: 'Practitioner', id, active: true }));
  const groups = [group('all', members), group('few', ['m1', 'm2', 'nobody'])];
  const stored = await admin.post('/fhir', bundleOf('transaction', [...staff, ...groups]));
  assert.equal(stored.status, 200, stored.text.slice(0, 500));
  const page = await admin.get('/fhir/Group?_id=all&_include=Group:member');
  assert.equal(idsOf(page, 'include').length, 1000);
  const outcome = page.body.entry?.at(-1);
  assert.equal(outcome?.search?.mode, 'outcome');
  assert.match(JSON.stringify(outcome?.resource), /incomplete/);
  const few = await admin.get('/fhir/Group?_id=few&_include=Group:member');
  assert.deepEqual(idsOf(few, 'include').sort(), ['m1', 'm2']);
  assert.ok(!few.text.includes('incomplete'));
});

test('what is deleted is neither found, nor included, nor led through', async () => {
  const entries = [
    put({ resourceType: 'Patient', id: 'pat', name: [{ family: 'Quince' }] }),
    put({
      ...{ resourceType: 'Condition', id: 'con', code: { text: 'x' } },
      subject: { reference: 'Patient/pat' },
    }),
  ];
  await admin.post('/fhir', bundleOf('transaction', entries));
  const chain = '/fhir/Condition?subject:Patient.family=Quince';
  assert.deepEqual(idsOf(await admin.get(chain)), ['con']);
  await admin.remove('/fhir/Patient/pat');
  assert.deepEqual(idsOf(await admin.get(chain)), []);
  const included = await admin.get('/fhir/Condition?_id=con&_include=Condition:subject');
  assert.deepEqual(idsOf(included), ['con']);
  assert.deepEqual(idsOf(await admin.get('/fhir/Condition?subject=Patient/pat')), ['con']);
  assert.equal((await admin.get('/fhir/Patient?_has:Condition:subject:_id=con')).body.total, 0);
});

test('a link that leads to many is asked of each candidate, one that leads to few is named', async () => {
  const members = Array.from({ length: 150 }, (_, n) => `n${n}`);
  const subject = { reference: 'Patient/many' };
  const entries = [
    put({ resourceType: 'Patient', id: 'many', gender: 'female' }),
    put({ resourceType: 'Patient', id: 'few', gender: 'female' }),
    ...members.map((id) =>
      put({
        ...{ resourceType: 'Condition', id, subject },
        code: { coding: [{ code: id === 'n1' ? 'rare' : 'common' }] },
      }),
    ),
    ...members.map((id) => put({ resourceType: 'Practitioner', id: `d${id}`, gender: 'other' })),
    put({
      ...{ resourceType: 'Group', id: 'them', type: 'practitioner', actual: true },
      member: [{ entity: { reference: 'Practitioner/dn7' } }],
    }),
  ];
  const stored = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(stored.status, 200, stored.text.slice(0, 500));
  const found = async (query: string) => idsOf(await admin.get(`/fhir/${query}`));
  assert.deepEqual(await found('Patient?_has:Condition:patient:code=common'), ['many']);
  assert.deepEqual(await found('Patient?_has:Condition:patient:code=rare'), ['many']);
  assert.deepEqual(await found('Patient?_has:Condition:patient:code=never'), []);
  assert.deepEqual(await found('Group?member:Practitioner.gender=other'), ['them']);
  assert.deepEqual(await found('Group?member:Practitioner.gender=unknown'), []);
  assert.equal((await found('Condition?subject:Patient.gender=female&code=rare')).length, 1);
  const ids = members.map((id) => `d${id}`).join(',');
  assert.deepEqual(await found(`Group?member:Practitioner._id=${ids}`), ['them']);
});

test('everything that points to a page is included by *, and led on by :iterate', async () => {
  const entries = [
    put({ resourceType: 'Patient', id: 'star' }),
    put({
      ...{ resourceType: 'Encounter', id: 'visit', status: 'planned', class: { code: 'AMB' } },
      subject: { reference: 'Patient/star' },
    }),
    put({
      ...{ resourceType: 'Observation', id: 'seen', status: 'final', code: { text: 'x' } },
      encounter: { reference: 'Encounter/visit' },
    }),
  ];
  await admin.post('/fhir', bundleOf('transaction', entries));
  const included = async (query: string) =>
    idsOf(await admin.get(`/fhir/Patient?_id=star&${query}`), 'include').sort();
  assert.deepEqual(await included('_revinclude=*'), ['visit']);
  const both = '_revinclude=Encounter:subject&_revinclude:iterate=Observation:encounter';
  assert.deepEqual(await included(both), ['seen', 'visit']);
});
