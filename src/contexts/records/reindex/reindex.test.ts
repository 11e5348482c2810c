import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, idsOf, type TestRecords, testRecords } from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

const parameter = (code: string, type: string, expression: string, more: object = {}) => ({
  ...{ resourceType: 'SearchParameter', id: code, url: `http://lake.test/${code}`, code, type },
  ...{ name: code, status: 'active', description: code, base: ['Patient'], expression, ...more },
});
const patient = (id: string, more: object) => ({ resourceType: 'Patient', id, ...more });

async function put(resource: { resourceType: string; id: string }): Promise<void> {
  const answer = await admin.put(`/fhir/${resource.resourceType}/${resource.id}`, resource);
  assert.ok(answer.status === 200 || answer.status === 201, answer.text);
}

const found = async (query: string) => {
  const answer = await admin.get(`/fhir/Patient?${query}`);
  assert.equal(answer.status, 200, `${query}: ${answer.text}`);
  return idsOf(answer).sort();
};

const told = async (query: string) =>
  JSON.stringify((await admin.get(`/fhir/Patient?${query}`)).body.entry ?? []);

test('a tenant’s own parameter finds what is written from then on, then what was there before', async () => {
  await put(patient('old', { maritalStatus: { coding: [{ system: 'urn:m', code: 'M' }] } }));
  assert.equal((await admin.get('/fhir/Patient?married=M')).status, 400);
  await put(parameter('married', 'token', 'Patient.maritalStatus'));
  await put(patient('new', { maritalStatus: { coding: [{ system: 'urn:m', code: 'M' }] } }));
  assert.deepEqual(await found('married=M'), ['new']);
  assert.match(await told('married=M'), /married is still being indexed/);
  await r.app.records.reindexer.finish(tenant);
  assert.deepEqual(await found('married=M'), ['new', 'old']);
  assert.doesNotMatch(await told('married=M'), /still being indexed/);
  assert.deepEqual(await found('married=urn:m|M'), ['new', 'old']);
  assert.deepEqual(await found('married=urn:m|'), ['new', 'old']);
  assert.deepEqual(await found('married=urn:x|'), []);
  await put(patient('none', {}));
  assert.deepEqual(await found('married:missing=true'), ['none']);
  assert.deepEqual(await found('married:missing=false'), ['new', 'old']);
  await put(patient('old', { maritalStatus: { coding: [{ system: 'urn:m', code: 'D' }] } }));
  assert.deepEqual(await found('married=M'), ['new']);
  await admin.remove('/fhir/Patient/new');
  assert.deepEqual(await found('married=M'), []);
});

test('every kind of parameter is indexed, sorted by and followed', async () => {
  await put(patient('p1', { multipleBirthInteger: 2, contact: [{ period: { start: '2020' } }] }));
  await put(patient('p2', { multipleBirthInteger: 3, contact: [{ name: { family: 'Abel' } }] }));
  await put(parameter('births', 'number', 'Patient.multipleBirth.ofType(integer)'));
  await put(parameter('since', 'date', 'Patient.contact.period'));
  await put(parameter('kin', 'string', 'Patient.contact.name.family'));
  const target = { target: ['Patient'] };
  await put(parameter('twin', 'reference', 'Patient.link.other', target));
  await r.app.records.reindexer.finish(tenant);
  await put(patient('p3', { link: [{ other: { reference: 'Patient/p2' }, type: 'seealso' }] }));
  assert.deepEqual(await found('births=gt2'), ['p2']);
  assert.deepEqual(await found('since=ge2019'), ['p1']);
  assert.deepEqual(await found('kin=ab'), ['p2']);
  assert.deepEqual(await found('twin=Patient/p2'), ['p3']);
  assert.deepEqual(await found('twin:Patient.births=3'), ['p3']);
  assert.deepEqual(await found('_has:Patient:twin:_id=p3'), ['p2']);
  const sorted = await admin.get('/fhir/Patient?births:missing=false&_sort=-births');
  assert.deepEqual(idsOf(sorted), ['p2', 'p1']);
  const included = await admin.get('/fhir/Patient?_id=p3&_include=Patient:twin');
  assert.deepEqual(idsOf(included), ['p3', 'p2']);
});

test('a definition that changes is indexed anew; one that is retired is unknown', async () => {
  await put(patient('q1', { gender: 'male', active: true }));
  await put(parameter('flag', 'token', 'Patient.gender'));
  await r.app.records.reindexer.finish(tenant);
  assert.deepEqual(await found('flag=male'), ['q1']);
  await put(parameter('flag', 'token', 'Patient.active'));
  assert.match(await told('flag=true'), /flag is still being indexed/);
  await r.app.records.reindexer.finish(tenant);
  assert.deepEqual(await found('flag=male'), []);
  assert.deepEqual(await found('flag=true'), ['q1']);
  await put(parameter('flag', 'token', 'Patient.active', { status: 'retired' }));
  assert.equal((await admin.get('/fhir/Patient?flag=true')).status, 400);
});

test('how far a parameter is, can be asked, and it can be begun anew', async () => {
  const url = '/fhir/SearchParameter/kin/$reindex';
  const parts = async (answer: ReturnType<Asker['get']>) => {
    const { status, body, text } = await answer;
    assert.equal(status, 200, text);
    return JSON.stringify(body['parameter']);
  };
  assert.match(await parts(admin.get(url)), /"code","valueCode":"Patient".*valueBoolean":true/);
  assert.match(await parts(admin.post(url, '')), /valueInteger":0.*valueBoolean":false/);
  await r.app.records.reindexer.finish(tenant);
  assert.match(await parts(admin.get(url)), /valueBoolean":true/);
  assert.deepEqual(await found('kin=ab'), ['p2']);
  const doctor = await r.asker(tenant, 'patient', 'p1');
  assert.equal((await doctor.post(url, '')).status, 403);
  assert.equal((await admin.get('/fhir/SearchParameter/none/$reindex')).status, 404);
});

test('another tenant has no such parameter', async () => {
  const other = await r.asker(await r.newTenant('Quayside Clinic'), 'admin');
  assert.equal((await other.get('/fhir/Patient?married=M')).status, 400);
});

test('a parameter over what the caller does not see is refused', async () => {
  const staff = await r.asker(tenant, 'staff');
  await put({
    ...parameter('why', 'token', 'Appointment.reasonCode'),
    base: ['Appointment'],
  } as never);
  assert.equal((await staff.get('/fhir/Appointment?why=x')).status, 403);
});

test('records stored by an earlier edition get the rows they lack', async () => {
  await put(patient('e1', { name: [{ family: 'Wolfenstein' }] }));
  assert.deepEqual(await found('family:contains=fenst'), ['e1']);
  await r.behind('delete from records.token where tenant = $1', [tenant]);
  await r.behind(
    `insert into records.reindex (tenant, type, what, begins_at)
       select distinct tenant, type, 0, now() from records.resource where tenant = $1`,
    [tenant],
  );
  await r.app.records.reindexer.finish(tenant);
  assert.deepEqual(await found('family:contains=fenst'), ['e1']);
  assert.deepEqual(await found('family=wolf'), ['e1']);
});
