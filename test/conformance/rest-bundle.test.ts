import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bundleOf, type Entry, type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, pathOf, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
});
after(() => r.close());

const system = 'http://hospital.example.org/mrn';
const urn = () => `urn:uuid:${randomUUID()}`;
const patient = (more: object = {}) => ({ resourceType: 'Patient', ...more });
const observation = (subject: object, more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  ...{ subject, ...more },
});
const post = (resource: { resourceType: string }, fullUrl = urn(), more: object = {}) => ({
  ...{ fullUrl, resource },
  request: { method: 'POST', url: resource.resourceType, ...more },
});
const put = (resource: { resourceType: string; id?: string }, url: string, more: object = {}) => ({
  fullUrl: `${r.baseUrl}/${url}`,
  ...{ resource, request: { method: 'PUT', url, ...more } },
});
const get = (url: string, more: object = {}) => ({ request: { method: 'GET', url, ...more } });
const remove = (url: string) => ({ request: { method: 'DELETE', url } });
const submit = (type: 'transaction' | 'batch', ...entry: object[]) =>
  call('POST', '/fhir', { body: bundleOf(type, entry) });
const statuses = (reply: Reply) =>
  (reply.body.entry ?? []).map(({ response }) => response.status.slice(0, 3));

function entriesOf(reply: Reply, status = 200): Entry[] {
  assert.equal(reply.status, status, reply.text);
  return reply.body.entry ?? [];
}
async function at(entry: Entry | undefined): Promise<Reply> {
  const location = entry?.response.location ?? '';
  const url = location.startsWith('http') ? pathOf(location) : `/fhir/${location}`;
  return call('GET', url);
}
function outcome(reply: Reply, ...allowed: number[]): void {
  assert.ok(allowed.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}

test('a transaction-response has one entry for each, in order, with status, location, etag', async () => {
  const p = urn();
  const reply = await submit(
    'transaction',
    post(patient(), p),
    post(observation({ reference: p })),
  );
  const entries = entriesOf(reply);
  assert.equal(reply.body.type, 'transaction-response');
  assert.equal(entries.length, 2);
  for (const { response } of entries) {
    assert.match(response.status, /^201/);
    assert.match(response.location ?? '', /(Patient|Observation)\/[^/]+\/_history\/1$/);
    assert.equal(response.etag, 'W/"1"');
    assert.match(response.lastModified ?? '', /^\d{4}-/);
  }
  const made = await at(entries[1]);
  assert.match(JSON.stringify(made.body['subject']), /"Patient\/[A-Za-z0-9-]+"/);
  const id = /Patient\/([^/]+)/.exec(entries[0]?.response.location ?? '')?.[1] ?? '?';
  assert.deepEqual(made.body['subject'], { reference: `Patient/${id}` });
});

test('references are rewritten wherever they stand: circular, contained, extension, uri, narrative', async () => {
  const [a, b] = [urn(), urn()];
  const link = { link: [{ other: { reference: b }, type: 'seealso' }] };
  const text = {
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${b}">b</a></div>`,
  };
  const extension = [
    { url: 'http://x.example.org/r', valueReference: { reference: b } },
    { url: 'http://x.example.org/u', valueUri: b },
  ];
  const contained = [
    { resourceType: 'Organization', id: 'o', name: 'x', partOf: { reference: '#' } },
  ];
  const reply = await submit(
    'transaction',
    post(
      patient({ ...link, text, extension, contained, managingOrganization: { reference: '#o' } }),
      a,
    ),
    post(patient({ link: [{ other: { reference: a }, type: 'refer' }] }), b),
  );
  const [first, second] = entriesOf(reply);
  const [one, two] = [await at(first), await at(second)];
  assert.doesNotMatch(one.text, /urn:uuid/);
  assert.doesNotMatch(two.text, /urn:uuid/);
  assert.match(one.text, new RegExp(`"reference":"Patient/${two.body.id}"`));
  assert.match(two.text, new RegExp(`"reference":"Patient/${one.body.id}"`));
  assert.match(one.text, /"reference":"#o"/);
});

test('relative, absolute and versioned references to a fullUrl of the Bundle resolve to it', async () => {
  const reply = await submit(
    'transaction',
    put(patient({ id: 'rel' }), 'Patient/rel'),
    post(observation({ reference: 'Patient/rel' })),
    post(observation({ reference: `${r.baseUrl}/Patient/rel` })),
    {
      fullUrl: 'http://other.example.org/fhir/Patient/7',
      resource: patient(),
      request: { method: 'POST', url: 'Patient' },
    },
    {
      fullUrl: 'http://other.example.org/fhir/Observation/8',
      resource: observation({ reference: 'Patient/7' }),
      request: { method: 'POST', url: 'Observation' },
    },
    post(observation({ reference: 'http://elsewhere.example.org/Patient/1' })),
  );
  const entries = entriesOf(reply);
  const subject = async (index: number) =>
    ((await at(entries[index])).body['subject'] as { reference: string }).reference;
  assert.equal(await subject(1), 'Patient/rel');
  assert.match(await subject(2), /Patient\/rel$/);
  const id = /Patient\/([^/]+)/.exec(entries[3]?.response.location ?? '')?.[1] ?? '?';
  assert.equal(await subject(4), `Patient/${id}`);
  assert.equal(await subject(5), 'http://elsewhere.example.org/Patient/1');
});

test('conditional references are resolved; none or many fail the transaction', async () => {
  const value = randomUUID();
  const identifier = [{ system, value }];
  const made = await call('POST', '/fhir/Patient', { body: patient({ identifier }) });
  const reference = `Patient?identifier=${system}|${value}`;
  const [entry] = entriesOf(await submit('transaction', post(observation({ reference }))));
  assert.deepEqual((await at(entry)).body['subject'], { reference: `Patient/${made.body.id}` });
  const none = await submit('transaction', post(observation({ reference: `${reference}no` })));
  outcome(none, 400, 404, 412);
  await call('POST', '/fhir/Patient', { body: patient({ identifier }) });
  outcome(await submit('transaction', post(observation({ reference }))), 400, 412);
});

test('conditional create in a transaction: what is found is referred to, 200', async () => {
  const value = randomUUID();
  const found = await call('POST', '/fhir/Patient', {
    body: patient({ identifier: [{ system, value }] }),
  });
  const p = urn();
  const ifNoneExist = `identifier=${system}|${value}`;
  const reply = await submit(
    'transaction',
    post(patient({ identifier: [{ system, value }] }), p, { ifNoneExist }),
    post(observation({ reference: p })),
  );
  const entries = entriesOf(reply);
  assert.deepEqual(statuses(reply), ['200', '201']);
  assert.match(entries[0]?.response.location ?? '', new RegExp(`Patient/${found.body.id}`));
  assert.deepEqual((await at(entries[1])).body['subject'], {
    reference: `Patient/${found.body.id}`,
  });
});

test('conditional update and delete in a transaction', async () => {
  const value = randomUUID();
  const url = `Patient?identifier=${system}|${value}`;
  const body = patient({ identifier: [{ system, value }] });
  const p = urn();
  const created = await submit(
    'transaction',
    { fullUrl: p, resource: body, request: { method: 'PUT', url } },
    post(observation({ reference: p })),
  );
  assert.deepEqual(statuses(created), ['201', '201'], created.text);
  const id = /Patient\/([^/]+)/.exec(entriesOf(created)[0]?.response.location ?? '')?.[1] ?? '?';
  assert.deepEqual((await at(entriesOf(created)[1])).body['subject'], {
    reference: `Patient/${id}`,
  });
  const updated = await submit('transaction', {
    fullUrl: p,
    resource: { ...body, gender: 'male' },
    request: { method: 'PUT', url },
  });
  assert.deepEqual(statuses(updated), ['200']);
  const observed =
    created.body.entry?.[1]?.response.location
      ?.replace(/\/_history.*/, '')
      .replace(/.*\/fhir\//, '') ?? '';
  const gone = await submit('transaction', remove(observed), remove(url));
  assert.deepEqual(
    statuses(gone).map((status) => status[0]),
    ['2', '2'],
    gone.text,
  );
  assert.equal((await call('GET', `/fhir/Patient/${id}`)).status, 410);
});

test('order of processing: delete, create, update and patch, then read', async () => {
  await call('PUT', '/fhir/Patient/order', { body: patient({ id: 'order' }) });
  const value = randomUUID();
  await call('PUT', '/fhir/Patient/doomed', {
    body: patient({ id: 'doomed', identifier: [{ system, value }] }),
  });
  const ifNoneExist = `identifier=${system}|${value}`;
  const reply = await submit(
    'transaction',
    get('Patient/order'),
    get(`Patient?identifier=${system}|${value}`),
    put(patient({ id: 'order', gender: 'other' }), 'Patient/order'),
    post(patient({ identifier: [{ system, value }] }), urn(), { ifNoneExist }),
    remove('Patient/doomed'),
  );
  const entries = entriesOf(reply);
  assert.deepEqual(statuses(reply).slice(0, 4), ['200', '200', '200', '201'], reply.text);
  assert.equal(entries[0]?.resource['gender'], 'other');
  assert.equal(entries[1]?.resource.resourceType, 'Bundle');
  assert.equal(entries[1]?.resource.total, 1);
});

test('a transaction is whole: one failure leaves nothing, and is told as an OperationOutcome', async () => {
  const value = randomUUID();
  const body = patient({ identifier: [{ system, value }] });
  const bad = put(patient({ id: 'order' }), 'Patient/order', { ifMatch: 'W/"99"' });
  outcome(await submit('transaction', post(body), bad), 412);
  outcome(await submit('transaction', post(body), post({ resourceType: 'Observation' })), 400, 422);
  outcome(await submit('transaction', post(body), get('Patient/nobody')), 400, 404);
  outcome(
    await submit('transaction', post(body), { resource: body, request: { method: 'POST' } }),
    400,
    422,
  );
  outcome(await submit('transaction', post(body), { resource: body }), 400, 422);
  outcome(
    await submit('transaction', post(body), put(patient({ id: 'x' }), 'Patient/y')),
    400,
    422,
  );
  outcome(
    await submit('transaction', post(body), { request: { method: 'POST', url: 'Patient' } }),
    400,
    422,
  );
  outcome(await submit('transaction', post(body), get('Nothing/1')), 400, 404);
  outcome(
    await submit('transaction', post(body), post(observation({ reference: urn() }))),
    400,
    404,
    422,
  );
  const left = await call('GET', `/fhir/Patient?identifier=${system}|${value}`);
  assert.equal(left.body.total, 0);
});

test('the same resource twice in a transaction fails, as does the same fullUrl', async () => {
  const one = put(patient({ id: 'twice' }), 'Patient/twice');
  outcome(await submit('transaction', one, one), 400, 422, 409);
  outcome(await submit('transaction', one, remove('Patient/twice')), 400, 422, 409);
  const p = urn();
  outcome(await submit('transaction', post(patient(), p), post(patient(), p)), 400, 422);
});

test('a batch goes on: each entry has its own status and outcome', async () => {
  const reply = await submit(
    'batch',
    post(patient()),
    get('Patient/nobody'),
    get('Nothing/1'),
    post({ resourceType: 'Observation' }),
    get('Patient?nonsense=1'),
    remove('Patient/never'),
    get('metadata'),
    { request: { method: 'GET', url: 'Patient/$nonsense' } },
    put(patient({ id: 'batched' }), 'Patient/batched', { ifMatch: 'W/"3"' }),
    { resource: patient() },
  );
  const entries = entriesOf(reply);
  assert.equal(reply.body.type, 'batch-response');
  assert.equal(entries.length, 10);
  const [made, none, type, bad, , , metadata] = statuses(reply);
  assert.equal(made, '201');
  assert.deepEqual([none, type], ['404', '404']);
  assert.match(bad ?? '', /400|422/);
  assert.equal(metadata, '200');
  for (const index of [1, 2, 3, 7, 8, 9]) {
    const { response } = entries[index] ?? assert.fail();
    assert.match(response.status, /^4/, String(index));
    assert.equal(response.outcome?.resourceType, 'OperationOutcome', String(index));
  }
});

test('a batch reads, searches, vreads, tells history, and reads conditionally', async () => {
  await call('PUT', '/fhir/Patient/reads', { body: patient({ id: 'reads' }) });
  const reply = await submit(
    'batch',
    get('Patient/reads'),
    get('Patient?_id=reads'),
    get('/Patient/reads/_history/1'),
    get('Patient/reads/_history'),
    get('Patient/reads', { ifNoneMatch: 'W/"1"' }),
    get('Patient/reads?_elements=id'),
    get(`${r.baseUrl}/Patient/reads`),
    get('?_type=Patient&_id=reads'),
  );
  const entries = entriesOf(reply);
  assert.deepEqual(
    statuses(reply),
    ['200', '200', '200', '200', '304', '200', '200', '200'],
    reply.text,
  );
  assert.equal(entries[0]?.resource.id, 'reads');
  assert.equal(entries[0]?.response.etag, 'W/"1"');
  assert.equal(entries[1]?.resource.resourceType, 'Bundle');
  assert.equal(entries[3]?.resource['type'], 'history');
  assert.equal(entries[4]?.resource, undefined);
});

test('PATCH in a transaction: FHIRPath Patch as Parameters, JSON Patch in a Binary', async () => {
  await call('PUT', '/fhir/Patient/patched', { body: patient({ id: 'patched' }) });
  const operation = [
    { name: 'type', valueCode: 'add' },
    { name: 'path', valueString: 'Patient' },
    { name: 'name', valueString: 'gender' },
    { name: 'value', valueCode: 'female' },
  ];
  const resource = {
    resourceType: 'Parameters',
    parameter: [{ name: 'operation', part: operation }],
  };
  const data = Buffer.from(JSON.stringify([{ op: 'add', path: '/active', value: true }])).toString(
    'base64',
  );
  const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
  for (const body of [resource, binary]) {
    const reply = await submit('transaction', {
      fullUrl: `${r.baseUrl}/Patient/patched`,
      resource: body,
      request: { method: 'PATCH', url: 'Patient/patched' },
    });
    assert.deepEqual(statuses(reply), ['200'], reply.text);
  }
  const read = await call('GET', '/fhir/Patient/patched');
  assert.deepEqual([read.body['gender'], read.body['active']], ['female', true]);
});

test('operations run inside a batch: POST $validate and GET $expand', async () => {
  const parameters = {
    resourceType: 'Parameters',
    parameter: [{ name: 'resource', resource: patient() }],
  };
  const reply = await submit(
    'batch',
    { resource: parameters, request: { method: 'POST', url: 'Patient/$validate' } },
    get('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender'),
    get('Patient/reads/$everything'),
    get('CodeSystem/$lookup?system=http://hl7.org/fhir/administrative-gender&code=male'),
  );
  assert.deepEqual(statuses(reply), ['200', '200', '200', '200'], reply.text);
});

test('what is no batch or transaction on the base is refused', async () => {
  for (const type of ['searchset', 'document', 'history', 'nonsense']) {
    outcome(await call('POST', '/fhir', { body: { resourceType: 'Bundle', type } }), 400, 422);
  }
  outcome(await call('POST', '/fhir', { body: { resourceType: 'Bundle' } }), 400, 422);
  outcome(await call('POST', '/fhir', { body: patient() }), 400, 422);
  for (const type of ['batch', 'transaction'] as const) {
    const empty = await call('POST', '/fhir', { body: { resourceType: 'Bundle', type } });
    assert.equal(empty.body.type, `${type}-response`, empty.text);
  }
});

test('Prefer of a transaction decides whether entries carry their resource', async () => {
  const ask = (prefer: string) =>
    call('POST', '/fhir', {
      body: bundleOf('transaction', [post(patient())]),
      headers: { prefer },
    });
  assert.equal(entriesOf(await ask('return=minimal'))[0]?.resource, undefined);
  const whole = entriesOf(await ask('return=representation'))[0];
  assert.equal(whole?.resource.resourceType, 'Patient');
  const told = entriesOf(await ask('return=OperationOutcome'))[0];
  assert.equal(told?.response.outcome?.resourceType, 'OperationOutcome');
});

test('base with a slash, and an XML transaction', async () => {
  const slash = await call('POST', '/fhir/', { body: bundleOf('batch', [get('Patient/reads')]) });
  assert.equal(slash.status, 200, slash.text);
  const xml = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><fullUrl value="${urn()}"/><resource><Patient><active value="true"/></Patient></resource><request><method value="POST"/><url value="Patient"/></request></entry></Bundle>`;
  const reply = await call('POST', '/fhir', {
    body: xml,
    headers: { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' },
  });
  assert.match(reply.text, /<type value="transaction-response"\/>.*<status value="201/);
});
