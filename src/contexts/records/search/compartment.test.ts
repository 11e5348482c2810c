import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Asker,
  bundleOf,
  idsOf,
  linkOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let admin: Asker;
let tenant: number;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
  const ann = { reference: 'Patient/ann' };
  const resources = [
    { resourceType: 'Patient', id: 'ann' },
    { resourceType: 'Patient', id: 'bob', link: [{ other: ann, type: 'seealso' }] },
    { resourceType: 'Practitioner', id: 'doc' },
    ...['o1', 'o2', 'o3'].map((id) => ({
      ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, subject: ann },
      ...{
        performer: [{ reference: 'Practitioner/doc' }],
        encounter: { reference: 'Encounter/e' },
      },
    })),
    {
      ...{ resourceType: 'Observation', id: 'o4', status: 'final', code: { text: 'x' } },
      ...{ subject: { reference: 'Patient/bob' }, performer: [ann] },
    },
    {
      ...{ resourceType: 'Observation', id: 'o5', status: 'final', code: { text: 'x' } },
      subject: { reference: 'Patient/bob' },
    },
    { resourceType: 'Encounter', id: 'e', status: 'planned', class: { code: 'AMB' }, subject: ann },
  ];
  const entries = resources.map((resource) => ({
    ...{ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } },
  }));
  const stored = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(stored.status, 200, stored.text);
});
after(() => r.close());

const ids = async (url: string, who: Asker = admin) => {
  const answer = await who.get(url);
  assert.equal(answer.status, 200, `${url}: ${answer.text}`);
  return idsOf(answer).sort();
};

test('a compartment holds what its definition says, by any of its parameters', async () => {
  assert.deepEqual(await ids('/fhir/Patient/ann/Observation'), ['o1', 'o2', 'o3', 'o4']);
  assert.deepEqual(await ids('/fhir/Patient/ann/Patient'), ['ann', 'bob']);
  assert.deepEqual(await ids('/fhir/Practitioner/doc/Observation'), ['o1', 'o2', 'o3']);
  assert.deepEqual(await ids('/fhir/Encounter/e/Observation'), ['o1', 'o2', 'o3']);
  assert.deepEqual(await ids('/fhir/Encounter/e/Encounter'), ['e']);
  assert.deepEqual(await ids('/fhir/Patient/ann/Observation?_id=o4,o5'), ['o4']);
  assert.deepEqual(await ids('/fhir/Patient/nobody/Observation'), []);
});

test('a compartment search by POST is the same search', async () => {
  const answer = await admin.form('/fhir/Patient/ann/Observation/_search', '_id=o4,o5');
  assert.deepEqual(idsOf(answer), ['o4']);
});

test('* is every type of the compartment, paged in one order', async () => {
  assert.deepEqual(await ids('/fhir/Patient/ann/*'), ['ann', 'bob', 'e', 'o1', 'o2', 'o3', 'o4']);
  const found: string[] = [];
  let next: string | undefined = '/fhir/Patient/ann/*?_count=3&_total=accurate';
  while (next !== undefined) {
    const page = await admin.get(next);
    assert.equal(page.body.total, 7);
    found.push(...idsOf(page));
    next = linkOf(page, 'next');
  }
  assert.deepEqual([...found].sort(), ['ann', 'bob', 'e', 'o1', 'o2', 'o3', 'o4']);
  const some = await admin.form('/fhir/Patient/ann/_search', '_type=Encounter,Observation');
  assert.deepEqual(idsOf(some).sort(), ['e', 'o1', 'o2', 'o3', 'o4']);
});

test('all types, or some, are searched by what is common to them', async () => {
  assert.deepEqual(await ids('/fhir?_type=Patient,Encounter'), ['ann', 'bob', 'e']);
  assert.deepEqual(await ids('/fhir?_id=o4,ann'), ['ann', 'o4']);
  assert.deepEqual(await ids('/fhir?_type=Patient,Encounter&_sort=-_id&_count=2'), ['bob', 'e']);
  const whole = await admin.get('/fhir?_total=accurate&_count=2&_type=Patient,Observation');
  assert.equal(whole.body.total, 7);
  assert.equal((await admin.get('/fhir?_type=Patient&code=x')).status, 400);
  assert.equal((await admin.get('/fhir?_type=Nothing')).status, 400);
  const form = await admin.form('/fhir/_search', '_type=Encounter');
  assert.deepEqual(idsOf(form), ['e']);
});

test('a type without a compartment, or outside of it, is no path', async () => {
  for (const url of ['Organization/1/Patient', 'Patient/ann/Organization', 'Patient/ann/Nothing']) {
    assert.equal((await admin.get(`/fhir/${url}`)).status, 404, url);
  }
});

test('a patient finds their own in a compartment, and nothing of another', async () => {
  const ann = await r.asker(tenant, 'patient', 'ann');
  assert.deepEqual(await ids('/fhir/Patient/ann/Observation', ann), ['o1', 'o2', 'o3']);
  assert.deepEqual(await ids('/fhir/Patient/bob/Observation', ann), []);
  assert.deepEqual(await ids('/fhir/Patient/bob/*', ann), []);
});

test('types that the caller’s roles do not see are named, and whoever sees none is refused', async () => {
  const staff = await r.asker(tenant, 'staff');
  const answer = await staff.get('/fhir/Patient/ann/*');
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(idsOf(answer).sort(), ['ann', 'bob'], 'whose visit it was, they do not see');
  const [outcome] = (answer.body.entry ?? []).filter((one) => one.search?.mode === 'outcome');
  assert.match(JSON.stringify(outcome), /do not see these types: .*Observation/);
  assert.equal((await staff.get('/fhir/Patient/ann/Observation')).status, 403);
});

test('another clinic’s caller finds nothing in the compartment of the same id', async () => {
  const other = await r.asker(await r.newTenant('Quayside Clinic'), 'admin');
  assert.deepEqual(await ids('/fhir/Patient/ann/*', other), []);
});
