import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let t: TestRecords;
let tenant: number;
let clinician: Asker;
before(async () => {
  t = await testRecords();
  tenant = await t.newTenant('Validation');
  clinician = await t.asker(tenant, 'doctor');
  const admin = await t.asker(tenant, 'admin');
  const made = await admin.post('/fhir/StructureDefinition', profile);
  assert.equal(made.status, 201, made.text);
});
after(() => t.close());

const url = 'http://guides.example/StructureDefinition/named-patient';
const unknown = 'http://guides.example/StructureDefinition/nobody-knows';
const profile = {
  ...{ resourceType: 'StructureDefinition', url, name: 'NamedPatient', status: 'active' },
  ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
};

const patient = (more: object = {}) => ({ resourceType: 'Patient', ...more });
const claiming = (...profiles: string[]) => ({ meta: { profile: profiles } });
const div = '<div xmlns="http://www.w3.org/1999/xhtml">Made-Up</div>';
const named = { name: [{ family: 'Made-Up' }], text: { status: 'generated', div } };

/** Severity and text of each issue of a 200. */
function issuesOf(answer: Answer): string[] {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.resourceType, 'OperationOutcome');
  return answer.body.issue.map(({ severity, details }) => `${severity} ${details.text}`);
}

const errors = (answer: Answer) => issuesOf(answer).filter((text) => /^error/.test(text));
const validate = (body: object, query = '') =>
  clinician.post(`/fhir/Patient/$validate${query}`, body);

test('a sound resource is told to be all OK, a broken one all that is wrong, both with 200', async () => {
  assert.deepEqual(issuesOf(await validate(patient(named))), ['information All OK']);
  const broken = await validate(patient({ gender: 'x', birthDate: 'yesterday' }));
  assert.equal(errors(broken).length, 2, broken.text);
  const told = broken.body.issue.filter(({ severity }) => severity === 'error');
  assert.deepEqual(told.map(({ expression }) => expression?.[0]).sort(), [
    'Patient.birthDate',
    'Patient.gender',
  ]);
});

test('the resource may come in Parameters, the profile there or in the query', async () => {
  const asked = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'resource', resource: patient() },
      { name: 'profile', valueUri: url },
    ],
  };
  assert.equal(errors(await validate(asked)).length, 1);
  assert.equal(errors(await validate(patient(), `?profile=${url}`)).length, 1);
  assert.deepEqual(errors(await validate(patient(named), `?profile=${url}`)), []);
  assert.equal(errors(await validate(patient(named), `?profile=${unknown}`)).length, 1);
});

test('what cannot be asked is refused, what is not understood is told', async () => {
  assert.equal((await validate(patient(), '?mode=perhaps')).status, 400);
  assert.equal((await validate(patient(), '?mode=delete')).status, 400);
  assert.equal((await clinician.post('/fhir/Patient/$validate', '{')).status, 400);
  const wrong = await clinician.post('/fhir/Observation/$validate', patient(named));
  assert.equal(errors(wrong).length, 1);
  assert.match(
    issuesOf(await validate(patient(named), '?shade=blue'))[0] ?? '',
    /^warning .*shade/,
  );
  const none = { resourceType: 'Parameters', parameter: [] };
  assert.equal(errors(await validate(none)).length, 1);
});

test('modes say whether the write would be accepted, and write nothing', async () => {
  const before = await t.behind('select count(*)::int as rows from records.resource');
  assert.deepEqual(errors(await validate(patient(named), '?mode=create')), []);
  const { body } = await clinician.post('/fhir/Patient', patient(named));
  const path = `/fhir/Patient/${body.id}/$validate`;
  const update = await clinician.post(`${path}?mode=update`, patient({ id: body.id, ...named }));
  assert.deepEqual(errors(update), []);
  const other = await clinician.post(`${path}?mode=update`, patient({ id: 'other', ...named }));
  assert.equal(errors(other).length, 1);
  const admin = await t.asker(tenant, 'admin');
  assert.deepEqual(errors(await admin.post(`${path}?mode=delete`, '')), []);
  const gone = await admin.post('/fhir/Patient/nobody/$validate?mode=delete', '');
  assert.equal(errors(gone).length, 1);
  const after = await t.behind('select count(*)::int as rows from records.resource');
  assert.equal(Number(after[0]?.['rows']), Number(before[0]?.['rows']) + 1);
  assert.equal((await clinician.get(`/fhir/Patient/${body.id}`)).body.meta.versionId, '1');
});

test('a record that is kept is validated through a read: decided on and audited', async () => {
  const { body } = await clinician.post('/fhir/Patient', patient());
  const reads = async () => (await t.audited(tenant))['record.read'] ?? 0;
  const before = await reads();
  const path = `/fhir/Patient/${body.id}/$validate?profile=${url}`;
  assert.equal(errors(await clinician.get(path)).length, 1);
  assert.equal(await reads(), before + 1);
  const kept = await clinician.post(`${path}&mode=profile`, '');
  assert.equal(errors(kept).length, 1);
  assert.equal((await clinician.get('/fhir/Patient/nobody/$validate')).status, 404);
  const other = await t.asker(await t.newTenant('Elsewhere'), 'doctor');
  assert.equal((await other.get(path)).status, 404);
  const self = await t.asker(tenant, 'patient', 'somebody');
  assert.equal((await self.get(path)).status, 404);
});

test('what is written must meet the profiles it claims', async () => {
  const refused = await clinician.post('/fhir/Patient', patient(claiming(url)));
  assert.equal(refused.status, 422, refused.text);
  assert.match(refused.text, /name/);
  const made = await clinician.post('/fhir/Patient', patient({ ...claiming(url), ...named }));
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers['unknown-profile'], undefined);
  const { id } = made.body;
  const update = await clinician.put(`/fhir/Patient/${id}`, patient({ id, ...claiming(url) }));
  assert.equal(update.status, 422);
  const rehearsal = { prefer: 'validate-only' };
  const tried = await clinician.post('/fhir/Patient', patient(claiming(url)), rehearsal);
  assert.equal(tried.status, 422);
});

test('a profile nobody knows is accepted and told', async () => {
  const made = await clinician.post('/fhir/Patient', patient(claiming(unknown)));
  assert.equal(made.status, 201);
  assert.equal(made.headers['unknown-profile'], unknown);
  const prefer = { prefer: 'return=OperationOutcome' };
  const told = await clinician.post('/fhir/Patient', patient(claiming(unknown)), prefer);
  assert.match(told.body.issue[1]?.details.text ?? '', /not known here/);
  const both = patient(claiming(unknown, url));
  assert.equal((await clinician.post('/fhir/Patient', both)).status, 422, 'the other one counts');
});

test('a resource is held against so many profiles and no more', async () => {
  const many = Array.from({ length: 51 }, (_, at) => `${unknown}-${at}`);
  assert.equal((await clinician.post('/fhir/Patient', patient(claiming(...many)))).status, 422);
  assert.equal((await validate(patient(claiming(...many)))).status, 422);
  const fewer = patient(claiming(...many.slice(1)));
  const made = await clinician.post('/fhir/Patient', fewer);
  assert.equal(made.status, 201);
  assert.match(String(made.headers['unknown-profile']), /and 45 more$/);
});

test('entries of a Bundle must meet the profiles they claim, or are told', async () => {
  const bundle = (...profiles: string[]) => ({
    ...{ resourceType: 'Bundle', type: 'transaction' },
    entry: [
      {
        fullUrl: 'urn:uuid:6f1c1a9e-5f62-4b6a-9a3e-0c8f4f5f7a11',
        resource: patient(claiming(...profiles)),
        request: { method: 'POST', url: 'Patient' },
      },
    ],
  });
  const refused = await clinician.post('/fhir', bundle(url));
  assert.ok([400, 422].includes(refused.status), refused.text);
  assert.match(refused.text, /Bundle.entry\[0\]/);
  const told = await clinician.post('/fhir', bundle(unknown));
  assert.equal(told.status, 200, told.text);
  assert.match(JSON.stringify(told.body.entry?.[0]?.response.outcome), /not known here/);
});

test('a profile that is stored and cannot be used is its own fault, and says so', async () => {
  const admin = await t.asker(tenant, 'admin');
  const broken = `${url}-broken`;
  const without = { ...profile, url: broken, baseDefinition: `${url}-missing` };
  assert.equal((await admin.post('/fhir/StructureDefinition', without)).status, 201);
  const refused = await clinician.post('/fhir/Patient', patient(claiming(broken)));
  assert.equal(refused.status, 422);
  assert.match(refused.text, /is based on/);
  assert.match(errors(await validate(patient(), `?profile=${broken}`))[0] ?? '', /is based on/);
});
