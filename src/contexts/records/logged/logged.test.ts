import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  idsOf,
  linkOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';
import { checkStructure } from '../../../standards/fhir/structure.ts';

let r: TestRecords;
let tenant: number;
let doctor: Asker;
let admin: Asker;
let compliance: Asker;
let patientId: string;
let observationId: string;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  [doctor, admin, compliance] = await Promise.all([
    r.asker(tenant, 'doctor'),
    r.asker(tenant, 'admin'),
    r.asker(tenant, 'compliance'),
  ]);
  patientId = (await doctor.post('/fhir/Patient', { resourceType: 'Patient', active: true })).body
    .id;
  const observation = {
    ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
    subject: { reference: `Patient/${patientId}` },
  };
  observationId = (await doctor.post('/fhir/Observation', observation)).body.id;
  await doctor.get(`/fhir/Observation/${observationId}`);
  await doctor.put(`/fhir/Observation/${observationId}`, { ...observation, id: observationId });
});
after(() => r.close());

const resourcesIn = ({ body }: Answer) => (body.entry ?? []).map(({ resource }) => resource);

test('what was done to a record is found as AuditEvents, sound and with who did it', async () => {
  const answer = await compliance.get(`/fhir/AuditEvent?entity=Observation/${observationId}`);
  assert.equal(answer.status, 200, answer.text);
  const events = resourcesIn(answer);
  assert.deepEqual(
    events.map((one) => one['action']),
    ['U', 'R', 'C'],
  );
  for (const event of events) assert.deepEqual(checkStructure(event), []);
  const text = JSON.stringify(events[0]);
  assert.match(text, /urn:medconnect:account/);
  assert.ok(text.includes(`Observation/${observationId}/_history/2`));
  assert.ok(text.includes(`Patient/${patientId}`));
});

test('by patient, action, date and outcome, alone and together', async () => {
  const ofPatient = await compliance.get(`/fhir/AuditEvent?patient=${patientId}&_count=100`);
  assert.ok(idsOf(ofPatient).length >= 4);
  const created = await compliance.get(`/fhir/AuditEvent?patient=Patient/${patientId}&action=C`);
  assert.equal(created.body.entry?.length, 2, created.text);
  const year = new Date().getUTCFullYear();
  for (const [date, some] of [
    [`ge${year}`, true],
    [`lt${year}`, false],
    [`gt${year + 1}`, false],
  ] as const) {
    const answer = await compliance.get(`/fhir/AuditEvent?patient=${patientId}&date=${date}`);
    assert.equal(idsOf(answer).length > 0, some, date);
  }
  const denied = `/fhir/AuditEvent?patient=${patientId}&outcome=8`;
  assert.equal(idsOf(await compliance.get(denied)).length, 0);
  // A refusal names no patient's data, and is still about that patient.
  const billing = await r.asker(tenant, 'billing');
  const refused = await billing.remove(`/fhir/Patient/${patientId}`);
  assert.equal(refused.status, 403, refused.text);
  assert.equal(idsOf(await compliance.get(denied)).length, 1);
  const entity = `/fhir/AuditEvent?entity=Patient/${patientId}&outcome=8`;
  assert.equal(idsOf(await compliance.get(entity)).length, 1);
});

test('every event of the log is a sound AuditEvent, and pages hold each once', async () => {
  const seen: string[] = [];
  for (
    let url: string | undefined = '/fhir/AuditEvent?_count=3&action=C,R,U,E';
    url !== undefined;
  ) {
    const page = await compliance.get(url);
    assert.equal(page.status, 200, page.text);
    for (const event of resourcesIn(page)) assert.deepEqual(checkStructure(event), [], page.text);
    assert.match(linkOf(page, 'self') ?? '', /action=C%2CR%2CU%2CE/);
    seen.push(...idsOf(page));
    url = seen.length > 60 ? undefined : linkOf(page, 'next');
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.length >= 10);
});

test('one event is read by its id, and that is an event too', async () => {
  const [id = ''] = idsOf(await compliance.get(`/fhir/AuditEvent?patient=${patientId}&action=C`));
  const before = (await r.audited(tenant))['audit.query'] ?? 0;
  const one = await compliance.get(`/fhir/AuditEvent/${id}`);
  assert.equal(one.status, 200, one.text);
  assert.equal(one.body['action'], 'C');
  assert.equal((await r.audited(tenant))['audit.query'], before + 1);
  assert.equal((await compliance.get('/fhir/AuditEvent/1-1')).status, 404);
});

test('who may not read the log, and another tenant, find nothing of it', async () => {
  const [id = ''] = idsOf(await compliance.get(`/fhir/AuditEvent?patient=${patientId}`));
  const refusedSearch = await doctor.get('/fhir/AuditEvent');
  assert.equal(refusedSearch.status, 403);
  assert.equal((await doctor.get(`/fhir/AuditEvent/${id}`)).status, 404);
  const elsewhere = await r.asker(await r.newTenant('Hillside Clinic'), 'admin');
  assert.equal((await elsewhere.get(`/fhir/AuditEvent/${id}`)).status, 404);
  assert.equal(idsOf(await elsewhere.get(`/fhir/AuditEvent?patient=${patientId}`)).length, 0);
});

test('who made each version of a record is told by Provenance', async () => {
  const answer = await doctor.get(`/fhir/Provenance?target=Observation/${observationId}`);
  assert.equal(answer.status, 200, answer.text);
  const all = resourcesIn(answer);
  assert.equal(all.length, 2, answer.text);
  for (const one of all) assert.deepEqual(checkStructure(one), []);
  assert.match(JSON.stringify(all[0]), /"UPDATE".*urn:medconnect:account/);
  const [id = ''] = idsOf(answer);
  assert.equal((await doctor.get(`/fhir/Provenance/${id}`)).body.id, id);
  const stored = {
    ...{ resourceType: 'Provenance', recorded: '2020-01-01T00:00:00Z' },
    target: [{ reference: `Observation/${observationId}` }],
    agent: [{ who: { display: 'the registry' } }],
  };
  const made = await admin.post('/fhir/Provenance', stored);
  const both = await doctor.get(`/fhir/Provenance?target=Observation/${observationId}`);
  assert.deepEqual(idsOf(both).slice(0, 1), [made.body.id]);
  assert.equal(idsOf(both).length, 3);
});

test('a patient is told who made versions of their own record, and of no other', async () => {
  const own = await r.asker(tenant, 'patient', patientId);
  const mine = await own.get(`/fhir/Provenance?target=Observation/${observationId}`);
  assert.equal(idsOf(mine).length >= 2, true, mine.text);
  const other = (await doctor.post('/fhir/Patient', { resourceType: 'Patient' })).body.id;
  const theirs = await own.get(`/fhir/Provenance?target=Patient/${other}`);
  assert.equal(idsOf(theirs).length, 0);
  const [event = ''] = idsOf(await doctor.get(`/fhir/Provenance?target=Patient/${other}`));
  assert.equal((await own.get(`/fhir/Provenance/${event}`)).status, 404);
});

test('what the log cannot answer is asked of what is stored, and said', async () => {
  const chained = await compliance.get('/fhir/AuditEvent?patient.name=x');
  assert.equal(chained.status, 200);
  assert.match(chained.text, /Only stored ones are found/);
  const sorted = await compliance.get('/fhir/AuditEvent?_sort=date&_count=2');
  assert.match(sorted.text, /newest first/);
});
