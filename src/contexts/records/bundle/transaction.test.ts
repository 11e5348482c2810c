import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  bundleOf,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

const urn = () => `urn:uuid:${randomUUID()}`;
const submit = (entries: object[], headers?: Record<string, string>) =>
  admin.post('/fhir', bundleOf('transaction', entries), headers);

function post(resource: { resourceType: string }, more: object = {}, request: object = {}) {
  return { resource, request: { method: 'POST', url: resource.resourceType, ...request }, ...more };
}

function put(resource: { resourceType: string; id: string }, request: object = {}) {
  const url = `${resource.resourceType}/${resource.id}`;
  return { resource, request: { method: 'PUT', url, ...request } };
}

const patient = (more: object = {}) => ({ resourceType: 'Patient', active: true, ...more });
const observation = (subject: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  ...{ subject: { reference: subject }, ...more },
});

const statuses = (answer: Answer) => (answer.body.entry ?? []).map((one) => one.response.status);
const made = (answer: Answer, at: number) => {
  const [, type, id, version] =
    /\/fhir\/(\w+)\/([^/]+)\/_history\/(\d+)$/.exec(
      answer.body.entry?.[at]?.response.location ?? '',
    ) ?? [];
  return { type, id, version, name: `${type}/${id}` };
};

/** A refusal names its entry and leaves nothing behind. */
async function refused(entries: object[], status: number, at: string): Promise<Answer> {
  const marker = randomUUID();
  const first = post(patient({ identifier: [{ value: marker }] }));
  const answer = await submit([first, ...entries]);
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.resourceType, 'OperationOutcome');
  assert.equal(answer.body.issue[0]?.expression?.[0]?.slice(0, at.length), at, answer.text);
  assert.equal((await admin.get(`/fhir/Patient?identifier=${marker}`)).body.total, 0);
  return answer;
}

test('links between entries are rewritten: references, uris and narrative', async () => {
  const [a, b] = [urn(), urn()];
  const links = `<a href="${a}">her</a><img src='${b}'/>`;
  const div = `<div xmlns="http://www.w3.org/1999/xhtml">${links}</div>`;
  const answer = await submit([
    post(observation(a, { text: { status: 'generated', div } }), { fullUrl: b }),
    post(patient(), { fullUrl: a }),
    post({
      ...{ resourceType: 'Basic', code: { text: 'x' } },
      ...{ extension: [{ url: 'urn:x', valueUri: b }] },
    } as { resourceType: string }),
  ]);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.type, 'transaction-response');
  assert.deepEqual(statuses(answer), ['201 Created', '201 Created', '201 Created']);
  const [its, hers, third] = [made(answer, 0), made(answer, 1), made(answer, 2)];
  const stored = (await admin.get(`/fhir/${its.name}`)).body;
  assert.deepEqual(stored['subject'], { reference: hers.name });
  const text = stored['text'] as { div: string };
  assert.ok(text.div.includes(`href="${hers.name}"`) && text.div.includes(`"${its.name}"`));
  const basic = (await admin.get(`/fhir/${third.name}`)).body;
  assert.deepEqual(basic['extension'], [{ url: 'urn:x', valueUri: its.name }]);
  const found = await admin.get(`/fhir/Observation?subject=${hers.name}`);
  assert.equal(found.body.total, 1);
});

test('conditional references become the one they match; none or many refuse the whole', async () => {
  const value = randomUUID();
  const criteria = `Patient?identifier=urn:mrn|${value}`;
  await refused([post(observation(criteria))], 412, 'Bundle.entry[1]');
  const identifier = [{ system: 'urn:mrn', value }];
  const { id } = (await admin.post('/fhir/Patient', patient({ identifier }))).body;
  const answer = await submit([post(observation(criteria))]);
  const stored = (await admin.get(`/fhir/${made(answer, 0).name}`)).body;
  assert.deepEqual(stored['subject'], { reference: `Patient/${id}` });
  await admin.post('/fhir/Patient', patient({ identifier }));
  await refused([post(observation(criteria))], 412, 'Bundle.entry[1]');
});

test('ifNoneExist takes the one that is there, and links lead to it', async () => {
  const value = randomUUID();
  const once = () => {
    const url = urn();
    const identifier = [{ value }];
    const person = post(
      patient({ identifier }),
      { fullUrl: url },
      {
        ifNoneExist: `identifier=${value}`,
      },
    );
    return submit([person, post(observation(url))]);
  };
  const first = await once();
  assert.deepEqual(statuses(first), ['201 Created', '201 Created']);
  const second = await once();
  assert.deepEqual(statuses(second), ['200 OK', '201 Created']);
  assert.equal(made(second, 0).name, made(first, 0).name);
  const { etag, lastModified } = first.body.entry?.[0]?.response ?? {};
  assert.equal(second.body.entry?.[0]?.response.etag, etag);
  assert.equal(second.body.entry?.[0]?.response.lastModified, lastModified);
  const found = await admin.get(`/fhir/Observation?subject=${made(first, 0).name}`);
  assert.equal(found.body.total, 2);
});

test('creates, updates, deletes and reads go together, and reads see the result', async () => {
  const [kept, dropped] = [randomUUID(), randomUUID()];
  await submit([put(patient({ id: kept }) as never), put(patient({ id: dropped }) as never)]);
  const answer = await submit(
    [
      { request: { method: 'GET', url: `Patient/${kept}` } },
      put({ ...patient({ gender: 'other' }), id: kept }, { ifMatch: 'W/"1"' }),
      { request: { method: 'DELETE', url: `Patient/${dropped}` } },
      post(patient({ gender: 'unknown' })),
      { request: { method: 'GET', url: `Patient?_id=${kept},${dropped}` } },
      { request: { method: 'GET', url: `Patient/${kept}/_history/1` } },
    ],
    { prefer: 'return=representation' },
  );
  assert.equal(answer.status, 200, answer.text);
  const [read, updated, deleted, created, searched, old] = answer.body.entry ?? [];
  assert.equal(read?.resource['gender'], 'other');
  assert.equal(updated?.response.etag, 'W/"2"');
  assert.equal(updated?.resource['gender'], 'other');
  assert.equal(deleted?.response.status, '204 No Content');
  assert.equal(created?.resource['gender'], 'unknown');
  assert.equal(searched?.resource.total, 1);
  assert.equal(old?.resource['gender'], undefined);
});

test('a bad last entry leaves nothing of the others, and is named', async () => {
  const invalid = await refused([post(patient({ gender: 'blue' }))], 422, 'Bundle.entry[1]');
  assert.equal(invalid.body.issue[0]?.expression?.[0], 'Bundle.entry[1].resource.gender');
  await refused([{ resource: patient() }], 400, 'Bundle.entry[1].request');
  await refused([post(patient(), {}, { url: 'Observation' })], 400, 'Bundle.entry[1]');
  await refused([put({ ...patient(), id: 'a' }, { url: 'Patient/b' })], 400, 'Bundle.entry[1]');
  await refused([put({ ...patient(), id: randomUUID() }, { ifMatch: 'W/"3"' })], 412, 'Bundle.ent');
  await refused([{ request: { method: 'GET', url: 'Patient/nobody' } }], 404, 'Bundle.entry[1]');
  await refused([{ request: { method: 'GET', url: 'Patient?colour=1' } }], 400, 'Bundle.entry[1]');
  const condition = { ifNoneExist: 'colour=blue' };
  await refused([post(patient(), {}, condition)], 400, 'Bundle.entry[1]');
  await refused([post(patient(), {}, { ifNoneExist: '_count=1' })], 400, 'Bundle.entry[1]');
});

test('a url says what its method needs, no more and no less', async () => {
  const at = 'Bundle.entry[1].request.url';
  await refused([post(patient(), {}, { url: 'Patient/mine' })], 400, at);
  await refused([{ request: { method: 'DELETE', url: 'Patient' } }], 400, at);
  await refused([{ request: { method: 'DELETE', url: 'Patient?' } }], 400, 'Bundle.entry[1]');
  await refused([{ request: { method: 'GET', url: 'Patient/../../metadata' } }], 400, at);
  await refused([{ request: { method: 'GET', url: 'https://elsewhere.test/Patient/1' } }], 400, at);
  const methods = ['PATCH', 'OPTIONS', 'constructor'];
  for (const method of methods) {
    const answer = await submit([{ request: { method, url: 'Patient/1' } }]);
    assert.ok(answer.status === 400 || answer.status === 422, method);
  }
});

test('two entries that change one record, or share a name, are refused', async () => {
  const id = randomUUID();
  const twice = put({ ...patient(), id });
  await refused([twice, twice], 400, 'Bundle.entry[2]');
  const removal = { request: { method: 'DELETE', url: `Patient/${id}` } };
  await refused([twice, removal], 400, 'Bundle.entry[2]');
  const fullUrl = urn();
  await refused(
    [post(patient(), { fullUrl }), post(patient(), { fullUrl })],
    400,
    'Bundle.entry[2]',
  );
  const same = post(patient(), {}, { ifNoneExist: `identifier=${id}` });
  await refused([same, same], 400, 'Bundle.entry[2]');
});

test('a urn that no entry carries is refused where it stands', async () => {
  const answer = await refused([post(observation(urn()))], 400, 'Bundle.entry[1]');
  assert.equal(answer.body.issue[0]?.expression?.[0], 'Bundle.entry[1].resource.subject');
});

test('conditional updates and deletes find their one record', async () => {
  const value = randomUUID();
  const by = (method: string) => ({ method, url: `Patient?identifier=${value}` });
  const identifier = [{ value }];
  const first = await submit([{ resource: patient({ identifier }), request: by('PUT') }]);
  assert.deepEqual(statuses(first), ['201 Created']);
  const changed = patient({ identifier, gender: 'other' });
  const second = await submit([{ resource: changed, request: by('PUT') }]);
  assert.deepEqual(statuses(second), ['200 OK']);
  assert.equal(made(second, 0).id, made(first, 0).id);
  const wrong = { ...changed, id: 'another' };
  await refused([{ resource: wrong, request: by('PUT') }], 400, 'Bundle.entry[1]');
  assert.deepEqual(statuses(await submit([{ request: by('DELETE') }])), ['204 No Content']);
  assert.equal((await admin.get(`/fhir/${made(first, 0).name}`)).status, 410);
  assert.deepEqual(statuses(await submit([{ request: by('DELETE') }])), ['204 No Content']);
});

test('what the caller may not do refuses the whole, naming the entry', async () => {
  const doctor = await r.asker(tenant, 'doctor');
  const removal = { request: { method: 'DELETE', url: 'Patient/x' } };
  const value = randomUUID();
  const entries = [post(patient({ identifier: [{ value }] })), removal];
  const answer = await doctor.post('/fhir', bundleOf('transaction', entries));
  assert.equal(answer.status, 403);
  assert.equal(answer.body.issue[0]?.expression?.[0], 'Bundle.entry[1]');
  assert.equal((await admin.get(`/fhir/Patient?identifier=${value}`)).body.total, 0);
});

test('who is refused within a transaction stands in the audit log, as does what was read', async () => {
  const other = await r.newTenant('Quayside Clinic');
  const staff = await r.asker(other, 'staff');
  const { id } = (await staff.post('/fhir/Patient', patient())).body;
  const read = (url: string) => ({ request: { method: 'GET', url } });
  const url = `Patient/${id}`;
  const refusal = await staff.post('/fhir', bundleOf('transaction', [read(url), read('Goal/1')]));
  assert.equal(refusal.status, 403);
  const rows = await r.audited(other);
  assert.equal(rows['record.read'], 1);
  assert.equal(rows['access.denied'], 1);
  await staff.post('/fhir', bundleOf('transaction', [read(url)]));
  assert.equal((await r.audited(other))['record.read'], 2);
});

test('an empty transaction is answered, another type of Bundle is refused', async () => {
  assert.equal(
    (await admin.post('/fhir', { resourceType: 'Bundle', type: 'transaction' })).status,
    200,
  );
  assert.equal(
    (await admin.post('/fhir', { resourceType: 'Bundle', type: 'searchset' })).status,
    400,
  );
  assert.equal((await admin.post('/fhir', patient())).status, 400);
});
