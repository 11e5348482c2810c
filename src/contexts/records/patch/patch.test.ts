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

type Operation = { op: string; path: string; value?: unknown; from?: string };

function jsonPatch(
  url: string,
  operations: readonly Operation[] | string,
  headers: Record<string, string> = {},
  who: Asker = admin,
): Promise<Answer> {
  const type = { 'content-type': 'application/json-patch+json' };
  const body = typeof operations === 'string' ? operations : JSON.stringify(operations);
  return r.ask(who.token, 'PATCH', url, { body, headers: { ...type, ...headers } });
}

function operation(...parts: object[]) {
  return { resourceType: 'Parameters', parameter: [{ name: 'operation', part: parts }] };
}

const replacing = (path: string, valueCode: string) =>
  operation(
    { name: 'type', valueCode: 'replace' },
    { name: 'path', valueString: path },
    { name: 'value', valueCode },
  );

const fhirPathPatch = (url: string, body: object, headers: Record<string, string> = {}) =>
  r.ask(admin.token, 'PATCH', url, { body, headers });

const patient = (more: object = {}) => ({ resourceType: 'Patient', active: true, ...more });

async function made(more: object = {}): Promise<string> {
  const answer = await admin.post('/fhir/Patient', patient(more));
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

test('a JSON Patch makes a new version, which is found by what it says', async () => {
  const id = await made({ gender: 'male', name: [{ family: 'Wintermere' }] });
  const value = `Ash${id.slice(0, 8)}`;
  const answer = await jsonPatch(`/fhir/Patient/${id}`, [
    { op: 'test', path: '/gender', value: 'male' },
    { op: 'replace', path: '/gender', value: 'female' },
    { op: 'add', path: '/name/-', value: { family: value } },
  ]);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['etag'], 'W/"2"');
  assert.equal(answer.headers['location'], `${r.baseUrl}/Patient/${id}/_history/2`);
  assert.equal(answer.body['gender'], 'female');
  assert.equal(answer.body.meta.versionId, '2');
  assert.equal((await admin.get(`/fhir/Patient?family=${value}`)).body.total, 1);
  assert.equal((await admin.get(`/fhir/Patient?_id=${id}&gender=male`)).body.total, 0);
  const history = await admin.get(`/fhir/Patient/${id}/_history`);
  assert.equal(history.body.entry?.[0]?.request?.method, 'PATCH');
  assert.ok(((await r.audited(tenant))['record.patch'] ?? 0) > 0);
});

test('a FHIRPath Patch does as well', async () => {
  const id = await made({ gender: 'male' });
  const answer = await fhirPathPatch(`/fhir/Patient/${id}`, replacing('Patient.gender', 'other'));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body['gender'], 'other');
  const nowhere = operation(
    { name: 'type', valueCode: 'add' },
    { name: 'path', valueString: 'Patient.contact' },
    { name: 'name', valueString: 'gender' },
    { name: 'value', valueCode: 'other' },
  );
  const refused = await fhirPathPatch(`/fhir/Patient/${id}`, nowhere);
  assert.equal(refused.status, 422, refused.text);
});

test('what cannot be done is refused, and leaves the record as it was', async () => {
  const id = await made({ gender: 'male' });
  const url = `/fhir/Patient/${id}`;
  const cases: [readonly Operation[] | string, number][] = [
    [[{ op: 'test', path: '/gender', value: 'female' }], 422],
    [[{ op: 'remove', path: '/birthDate' }], 422],
    [[{ op: 'replace', path: '/gender', value: 'blue' }], 422],
    [[{ op: 'replace', path: '/id', value: 'other' }], 422],
    [[{ op: 'replace', path: '/resourceType', value: 'Person' }], 422],
    [[{ op: 'add', path: '/colour', value: 'blue' }], 422],
    ['{}', 400],
    ['[],"more":[]', 400],
    ['[', 400],
    ['', 400],
  ];
  for (const [operations, status] of cases) {
    const answer = await jsonPatch(url, operations);
    assert.equal(answer.status, status, `${JSON.stringify(operations)}: ${answer.text}`);
    assert.equal(answer.body.resourceType, 'OperationOutcome');
  }
  const text = { 'content-type': 'text/plain' };
  assert.equal((await jsonPatch(url, [], text)).status, 415);
  assert.equal((await fhirPathPatch(url, patient())).status, 400);
  assert.equal((await admin.get(url)).headers['etag'], 'W/"1"');
});

test('a patch needs a record, a live one, and the version it names', async () => {
  const set: Operation[] = [{ op: 'add', path: '/gender', value: 'other' }];
  assert.equal((await jsonPatch('/fhir/Patient/nobody', set)).status, 404);
  const id = await made();
  const url = `/fhir/Patient/${id}`;
  assert.equal((await jsonPatch(url, set, { 'if-match': 'W/"7"' })).status, 412);
  assert.equal((await jsonPatch(url, set, { 'if-match': 'W/"1"' })).status, 200);
  await admin.remove(url);
  assert.equal((await jsonPatch(url, set)).status, 410);
});

test('a conditional patch finds its one record: none is 404, several are 412', async () => {
  const value = randomUUID();
  const url = `/fhir/Patient?identifier=${value}`;
  const set: Operation[] = [{ op: 'add', path: '/gender', value: 'other' }];
  assert.equal((await jsonPatch(url, set)).status, 404);
  const id = await made({ identifier: [{ value }] });
  const done = await jsonPatch(url, set);
  assert.equal(done.status, 200, done.text);
  assert.equal(done.body.id, id);
  await made({ identifier: [{ value }] });
  assert.equal((await jsonPatch(url, set)).status, 412);
  assert.equal((await jsonPatch('/fhir/Patient', set)).status, 400);
});

test('who does not see a part neither changes nor probes it', async () => {
  const staff = await r.asker(tenant, 'staff');
  const appointment = {
    ...{ resourceType: 'Appointment', status: 'booked', comment: 'Bring the knee brace' },
    meta: { tag: [{ system: 'urn:ward', code: 'north' }] },
    participant: [{ status: 'accepted', actor: { reference: 'Location/1' } }],
  };
  const { id } = (await admin.post('/fhir/Appointment', appointment)).body;
  const url = `/fhir/Appointment/${id}`;
  assert.equal((await staff.get(url)).body['comment'], undefined);
  const probe = (value: string) =>
    jsonPatch(url, [{ op: 'test', path: '/comment', value }], {}, staff);
  const [right, wrong] = [await probe(appointment.comment), await probe('x')];
  assert.equal(right.status, 422, right.text);
  assert.equal(right.text, wrong.text);
  const add = await jsonPatch(url, [{ op: 'add', path: '/comment', value: 'x' }], {}, staff);
  assert.equal(add.status, 403, add.text);
  const arrive: Operation[] = [{ op: 'replace', path: '/status', value: 'arrived' }];
  const done = await jsonPatch(url, arrive, {}, staff);
  assert.equal(done.status, 200, done.text);
  assert.equal(done.body['comment'], undefined);
  const whole = (await admin.get(url)).body;
  assert.equal(whole['comment'], appointment.comment);
  assert.equal(whole['status'], 'arrived');
  assert.deepEqual(whole.meta['tag'], appointment.meta.tag, 'withholding leaves no mark');
  const researcher = await r.asker(tenant, 'researcher');
  assert.equal((await jsonPatch(url, arrive, {}, researcher)).status, 403);
});

test('64 patches of one record at once all count', async () => {
  const id = await made();
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, n) =>
      jsonPatch(`/fhir/Patient/${id}`, [
        n === 0
          ? { op: 'add', path: '/gender', value: 'other' }
          : { op: 'add', path: '/birthDate', value: `19${String(n).padStart(2, '0')}-01-01` },
      ]),
    ),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const now = await admin.get(`/fhir/Patient/${id}`);
  assert.equal(now.headers['etag'], 'W/"65"');
  assert.equal(now.body['gender'], 'other');
});

test('a transaction patches by Parameters and by a Binary, its links becoming records', async () => {
  const [one, two] = [await made({ gender: 'male' }), await made()];
  const fullUrl = `urn:uuid:${randomUUID()}`;
  const link = { op: 'add', path: '/managingOrganization', value: { reference: fullUrl } };
  const binary = {
    ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
    data: Buffer.from(JSON.stringify([link])).toString('base64'),
  };
  const answer = await admin.post(
    '/fhir',
    bundleOf('transaction', [
      {
        ...{ resource: replacing('Patient.gender', 'female') },
        request: { method: 'PATCH', url: `Patient/${one}`, ifMatch: 'W/"1"' },
      },
      { resource: binary, request: { method: 'PATCH', url: `Patient?_id=${two}` } },
      {
        ...{ fullUrl, resource: { resourceType: 'Organization', name: 'Quayside' } },
        request: { method: 'POST', url: 'Organization' },
      },
    ]),
  );
  assert.equal(answer.status, 200, answer.text);
  const [first, second, third] = (answer.body.entry ?? []).map((entry) => entry.response);
  assert.equal(first?.status, '200 OK');
  assert.equal(second?.etag, 'W/"2"');
  assert.equal((await admin.get(`/fhir/Patient/${one}`)).body['gender'], 'female');
  const organization = (await admin.get(`/fhir/Patient/${two}`)).body['managingOrganization'];
  const { reference } = organization as { reference: string };
  assert.ok(third?.location?.includes(`/${reference}/_history/1`), reference);
});

test('a patch that fails refuses the whole transaction, naming its entry', async () => {
  const [id, value] = [await made(), randomUUID()];
  const answer = await admin.post(
    '/fhir',
    bundleOf('transaction', [
      {
        resource: patient({ identifier: [{ value }] }),
        request: { method: 'POST', url: 'Patient' },
      },
      {
        ...{ resource: replacing('Patient.gender', 'female') },
        request: { method: 'PATCH', url: `Patient/${id}` },
      },
    ]),
  );
  assert.equal(answer.status, 422, answer.text);
  assert.ok(answer.body.issue[0]?.expression?.[0]?.startsWith('Bundle.entry[1]'), answer.text);
  assert.equal((await admin.get(`/fhir/Patient?identifier=${value}`)).body.total, 0);
});

test('a batch patches entry by entry', async () => {
  const id = await made();
  const entry = (valueCode: string) => ({
    ...{ resource: replacing('Patient.active', valueCode) },
    request: { method: 'PATCH', url: `Patient/${id}` },
  });
  const right = operation(
    { name: 'type', valueCode: 'delete' },
    { name: 'path', valueString: 'Patient.active' },
  );
  const request = { method: 'PATCH', url: `Patient/${id}` };
  const answer = await admin.post(
    '/fhir',
    bundleOf('batch', [entry('yes'), { resource: right, request }]),
  );
  const statuses = (answer.body.entry ?? []).map(({ response }) => response.status.slice(0, 3));
  assert.deepEqual(statuses, ['422', '200'], answer.text);
});

test('a JSON Patch is one array and nothing beside it', async () => {
  const id = await made({ gender: 'male' });
  const replace = '[{"op":"replace","path":"/gender","value":"female"}]';
  const texts = [`${replace},"x":1`, `${replace},"patch":[]`, `[],"patch":${replace}`, '[]}', ''];
  for (const text of texts) {
    const answer = await jsonPatch(`/fhir/Patient/${id}`, text);
    assert.equal(answer.status, 400, `${text}: ${answer.text}`);
  }
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).body.meta.versionId, '1');
});
