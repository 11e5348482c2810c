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

const submit = (entries: object[], headers?: Record<string, string>) =>
  admin.post('/fhir', bundleOf('transaction', entries), headers);
const patient = (more: object = {}) => ({ resourceType: 'Patient', active: true, ...more });
const observation = (reference: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  ...{ subject: { reference }, ...more },
});
const post = (resource: { resourceType: string }, more: object = {}) => ({
  ...{ resource, request: { method: 'POST', url: resource.resourceType }, ...more },
});
const nameAt = (answer: Answer, at: number) =>
  /\/fhir\/(\w+\/[^/]+)\/_history\/\d+$/.exec(
    answer.body.entry?.[at]?.response.location ?? '',
  )?.[1] ?? '';

/** Where an Observation of a transaction points that also makes its patient. */
async function subjectOf(reference: string, person: object, of: object = {}) {
  const answer = await submit([post(observation(reference), of), person]);
  assert.equal(answer.status, 200, answer.text);
  const stored = (await admin.get(`/fhir/${nameAt(answer, 0)}`)).body;
  return { subject: stored['subject'] as object, made: nameAt(answer, 1) };
}

test('an absolute full url is followed, and a relative reference beside its own', async () => {
  const person = post(patient(), { fullUrl: 'https://else.test/fhir/Patient/7' });
  const absolute = await subjectOf('https://else.test/fhir/Patient/7', person);
  assert.deepEqual(absolute.subject, { reference: absolute.made });
  const beside = await subjectOf('Patient/7', person, {
    fullUrl: 'https://else.test/fhir/Observation/1',
  });
  assert.deepEqual(beside.subject, { reference: beside.made });
  const versioned = await subjectOf('https://else.test/fhir/Patient/7/_history/4', person);
  assert.deepEqual(versioned.subject, { reference: `${versioned.made}/_history/1` });
});

test('a new record is found by the name it came with, unless it is named by a urn', async () => {
  const named = await subjectOf('Patient/8', post(patient({ id: '8' })));
  assert.deepEqual(named.subject, { reference: named.made });
  const fullUrl = `urn:uuid:${randomUUID()}`;
  const other = await subjectOf('Patient/8', post(patient({ id: '8' }), { fullUrl }));
  assert.deepEqual(other.subject, { reference: 'Patient/8' });
});

test('what the Bundle does not name stays as it was', async () => {
  for (const reference of ['Patient/elsewhere', 'https://else.test/fhir/Patient/9', '#p']) {
    const contained = reference === '#p' ? { contained: [patient({ id: 'p' })] } : {};
    const answer = await submit([post(observation(reference, contained))]);
    assert.equal(answer.status, 200, answer.text);
    const stored = (await admin.get(`/fhir/${nameAt(answer, 0)}`)).body;
    assert.deepEqual(stored['subject'], { reference });
  }
});

test('an entry takes conditions: ifNoneMatch on PUT and GET, ifModifiedSince, HEAD', async () => {
  const id = randomUUID();
  const put = (request: object) => ({
    resource: patient({ id }),
    request: { method: 'PUT', url: `Patient/${id}`, ...request },
  });
  assert.equal((await submit([put({ ifNoneMatch: '*' })])).status, 200);
  const again = await submit([put({ ifNoneMatch: '*' })]);
  assert.equal(again.status, 412, again.text);
  assert.equal(again.body.issue[0]?.expression?.[0], 'Bundle.entry[0]');
  const get = (request: object) => ({
    request: { method: 'GET', url: `Patient/${id}`, ...request },
  });
  const answer = await submit([
    get({ ifNoneMatch: 'W/"1"' }),
    get({ ifModifiedSince: new Date().toISOString() }),
    get({ ifNoneMatch: 'W/"2"' }),
    get({ method: 'HEAD' }),
  ]);
  const statuses = (answer.body.entry ?? []).map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(statuses, ['304', '304', '200', '200']);
  const shown = (answer.body.entry ?? []).map(({ resource }) => resource?.id);
  assert.deepEqual(shown, [undefined, undefined, id, undefined]);
});

test('Prefer: return=OperationOutcome says of each entry what was done', async () => {
  const answer = await submit([post(patient())], { prefer: 'return=OperationOutcome' });
  assert.equal(answer.body.entry?.[0]?.response.outcome?.resourceType, 'OperationOutcome');
});

test('a rehearsal tells what would be, keeps nothing, and stands in the audit', async () => {
  const [value, fullUrl] = [randomUUID(), `urn:uuid:${randomUUID()}`];
  const person = post(patient({ identifier: [{ value }] }), { fullUrl });
  const headers = { prefer: 'validate-only', 'idempotency-key': randomUUID() };
  const before = await r.audited(tenant);
  const answer = await submit([person, post(observation(fullUrl))], headers);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['preference-applied'], 'validate-only');
  const [tag] = answer.body.meta['tag'] as { code: string }[];
  assert.equal(tag?.code, 'validate-only');
  const [first, second] = answer.body.entry ?? [];
  assert.equal(first?.response.status, '201 Created');
  assert.match(first?.response.outcome?.issue[0]?.diagnostics ?? '', /with [1-9]\d* index rows/);
  assert.deepEqual(second?.resource['subject'], { reference: nameAt(answer, 0) });
  assert.equal((await admin.get(`/fhir/${nameAt(answer, 0)}`)).status, 404);
  assert.equal((await admin.get(`/fhir/Patient?identifier=${value}`)).body.total, 0);
  const after = await r.audited(tenant);
  assert.equal(after['record.create'], before['record.create']);
  assert.equal(after['record.validate'], (before['record.validate'] ?? 0) + 1);
  const refused = await submit([post(patient({ gender: 'blue' }))], headers);
  assert.equal(refused.status, 422);
  const done = await submit([person, post(observation(fullUrl))]);
  assert.equal(done.status, 200);
  const batch = bundleOf('batch', [{ request: { method: 'DELETE', url: nameAt(done, 0) } }]);
  const rehearsed = await admin.post('/fhir', batch, headers);
  assert.equal(rehearsed.body.entry?.[0]?.response.status, '204 No Content');
  assert.equal((await admin.get(`/fhir/${nameAt(done, 0)}`)).status, 200);
});

test('a single write is rehearsed as well', async () => {
  const id = randomUUID();
  const prefer = { prefer: 'validate-only' };
  const answer = await admin.put(`/fhir/Patient/${id}`, patient({ id }), prefer);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.body.issue[0]?.diagnostics ?? '', /Would answer 201/);
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).status, 404);
});

test('hundreds of conditions in one transaction are as safe as one', async () => {
  const run = randomUUID();
  const entries = () =>
    Array.from({ length: 300 }, (_, n) => ({
      resource: patient({ identifier: [{ value: `${run}-${n}` }] }),
      request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${run}-${n}` },
    }));
  const answers = await Promise.all([1, 2, 3].map(() => submit(entries())));
  for (const { status, text } of answers) assert.equal(status, 200, text.slice(0, 300));
  const created = answers.flatMap(({ body }) =>
    (body.entry ?? []).filter(({ response }) => response.status === '201 Created'),
  );
  assert.equal(created.length, 300);
  const one = await admin.get(`/fhir/Patient?identifier=${run}-7`);
  assert.equal(one.body.total, 1);
  const refused = [...entries(), post(patient({ gender: 'blue' }))];
  assert.equal((await submit(refused)).status, 422);
});
