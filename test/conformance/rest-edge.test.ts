import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bundleOf, type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, pathOf, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
});
after(() => r.close());

const urn = () => `urn:uuid:${randomUUID()}`;
const submit = (type: 'transaction' | 'batch', ...entry: object[]) =>
  call('POST', '/fhir', { body: bundleOf(type, entry) });
const statuses = (reply: Reply) =>
  (reply.body.entry ?? []).map(({ response }) => response.status.slice(0, 3));
function outcome(reply: Reply, ...allowed: number[]): void {
  assert.ok(allowed.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}
async function kept(body: string, type = 'Patient'): Promise<Reply> {
  const made = await call('POST', `/fhir/${type}`, { body });
  assert.equal(made.status, 201, made.text);
  return call('GET', `/fhir/${type}/${made.body.id}`);
}

test('JSON is kept as it came: decimals, unicode, escapes, primitive extensions, nulls in arrays', async () => {
  const quantity = await kept(
    '{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1.10}}',
    'Observation',
  );
  assert.match(quantity.text, /"value":1\.10[,}]/);
  const tiny = await kept(
    '{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":0.0000001}}',
    'Observation',
  );
  assert.match(tiny.text, /"value":(0\.0000001|1e-7|1E-7)/i);
  const name = await kept(
    '{"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"extension":[{"url":"http://x","valueString":"y"}]}]}],"_birthDate":{"extension":[{"url":"http://x","valueDateTime":"2020-01-01T00:00:00.123456+02:00"}]}}',
  );
  assert.match(name.text, /"given":\["a",null\]/);
  assert.match(name.text, /"_given":\[null,\{/);
  assert.match(name.text, /123456\+02:00/);
  const emoji = await kept(
    '{"resourceType":"Patient","name":[{"family":"\\ud83d\\ude00 \\u00e9 \\"q\\" \\\\ /"}]}',
  );
  assert.equal((emoji.body['name'] as { family: string }[])[0]?.family, '😀 é "q" \\ /');
});

test('JSON that is wrong is refused: duplicates, wrong kinds, empty values, wrong dates, bad ids', async () => {
  const bad = [
    '{"resourceType":"Patient","active":true,"active":false}',
    '{"resourceType":"Patient","active":"true"}',
    '{"resourceType":"Patient","name":[]}',
    '{"resourceType":"Patient","name":{}}',
    '{"resourceType":"Patient","birthDate":"2020-02-30"}',
    '{"resourceType":"Patient","birthDate":""}',
    '{"resourceType":"Patient","gender":null}',
    '{"resourceType":"Patient","multipleBirthInteger":1,"multipleBirthBoolean":true}',
    '{"resourceType":"Patient","multipleBirthInteger":1.5}',
    '[]',
    '"a"',
    '{"resourceType":"Patient"}x',
    '{"resourceType":"Patient","contact":[{"extension":[{"valueString":"a"}]}]}',
  ];
  for (const body of bad) outcome(await call('POST', '/fhir/Patient', { body }), 400, 422);
});

test('meta of the client: versionId and lastUpdated are the server’s, profile, tag, security stay', async () => {
  const body =
    '{"resourceType":"Patient","meta":{"versionId":"9","lastUpdated":"2000-01-01T00:00:00Z","source":"http://s","profile":["http://example.org/p"],"security":[{"system":"http://x","code":"R"}],"tag":[{"system":"http://x","code":"t"}]}}';
  const { body: read } = await kept(body);
  assert.equal(read.meta.versionId, '1');
  assert.deepEqual(
    [read.meta['source'], read.meta['profile']],
    ['http://s', ['http://example.org/p']],
  );
  assert.deepEqual(read.meta['security'], [{ system: 'http://x', code: 'R' }]);
});

test('an update with the same content is answered 200 and stays readable', async () => {
  const body = { resourceType: 'Patient', id: 'same', active: true };
  await call('PUT', '/fhir/Patient/same', { body });
  const again = await call('PUT', '/fhir/Patient/same', { body });
  assert.equal(again.status, 200);
  assert.match(again.header('etag'), /^W\/"[12]"$/);
  assert.equal((await call('GET', '/fhir/Patient/same')).header('etag'), again.header('etag'));
});

test('X-Provenance (provenance.html#header) is not kept, and the answer says so', async () => {
  const headers = { 'x-provenance': '{"resourceType":"Provenance"}' };
  const made = await call('POST', '/fhir/Patient', { body: { resourceType: 'Patient' }, headers });
  assert.equal(made.status, 201);
  assert.match(made.header('warning'), /^299 - "X-Provenance/);
  const body = { resourceType: 'Bundle', type: 'batch' };
  assert.match((await call('POST', '/fhir', { body, headers })).header('warning'), /^299 /);
  const plain = await call('POST', '/fhir/Patient', { body: { resourceType: 'Patient' } });
  assert.equal(plain.header('warning'), '');
});

test('trailing slashes, escaped paths and an empty query are understood', async () => {
  assert.equal((await call('GET', '/fhir/Patient/same/')).status, 200);
  assert.equal((await call('GET', '/fhir/Patient/sa%6De')).status, 200);
  assert.equal((await call('GET', '/fhir/Patient/same?')).status, 200);
  assert.equal((await call('GET', '/fhir/Patient?')).status, 200);
  outcome(await call('GET', '/fhir/Patient/%zz'), 400, 404);
});

test('entries in the forms clients write: slashes, absolute urls, no fullUrl, an id that is ignored', async () => {
  const resource = { resourceType: 'Patient', id: 'ignored-in-post' };
  const reply = await submit(
    'transaction',
    { resource, request: { method: 'POST', url: 'Patient' } },
    { resource, request: { method: 'POST', url: '/Patient' } },
    { resource, request: { method: 'POST', url: `${r.baseUrl}/Patient` } },
    {
      resource: { resourceType: 'Patient', id: 'no-full' },
      request: { method: 'PUT', url: '/Patient/no-full' },
    },
    {
      resource: { resourceType: 'Patient', id: 'abs' },
      request: { method: 'PUT', url: `${r.baseUrl}/Patient/abs` },
    },
    { request: { method: 'GET', url: '/Patient/no-full' } },
    { request: { method: 'HEAD', url: 'Patient/no-full' } },
  );
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(statuses(reply), ['201', '201', '201', '201', '201', '200', '200']);
  assert.doesNotMatch(reply.body.entry?.[0]?.response.location ?? '', /ignored/);
});

test('urn references in url, uri, oid, canonical and attachment elements are rewritten', async () => {
  const [binary, patient] = [urn(), urn()];
  const reply = await submit(
    'transaction',
    {
      fullUrl: binary,
      resource: { resourceType: 'Binary', contentType: 'text/plain', data: 'YQ==' },
      request: { method: 'POST', url: 'Binary' },
    },
    {
      fullUrl: patient,
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      fullUrl: urn(),
      resource: {
        resourceType: 'DocumentReference',
        status: 'current',
        subject: { reference: patient },
        content: [{ attachment: { contentType: 'text/plain', url: binary } }],
      },
      request: { method: 'POST', url: 'DocumentReference' },
    },
  );
  assert.equal(reply.status, 200, reply.text);
  const read = await call('GET', pathOf(reply.body.entry?.[2]?.response.location ?? ''));
  assert.match(read.text, /"url":"[^"]*Binary\/[^"]+"/);
  assert.doesNotMatch(read.text, /urn:uuid/);
});

test('urn:oid and plain http fullUrls are followed; a version-less one by a versioned reference', async () => {
  const oid = 'urn:oid:1.2.36.1.4';
  const reply = await submit(
    'transaction',
    {
      fullUrl: oid,
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      fullUrl: urn(),
      resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: oid } },
      request: { method: 'POST', url: 'Basic' },
    },
  );
  assert.equal(reply.status, 200, reply.text);
  const read = await call('GET', pathOf(reply.body.entry?.[1]?.response.location ?? ''));
  assert.match(read.text, /"reference":"Patient\//);
});

test('logical references, contained ones and ones to elsewhere stay as they are', async () => {
  const resource = {
    resourceType: 'Basic',
    code: { text: 'x' },
    subject: { identifier: { system: 'http://a', value: '1' }, display: 'd' },
    author: { reference: 'https://elsewhere.example.org/fhir/Practitioner/1' },
  };
  const made = await submit('transaction', { resource, request: { method: 'POST', url: 'Basic' } });
  const read = await call('GET', pathOf(made.body.entry?.[0]?.response.location ?? ''));
  assert.deepEqual(
    [read.body['subject'], read.body['author']],
    [resource.subject, resource.author],
  );
});

test('a transaction updates under If-Match, deletes what is not there, and tells versions', async () => {
  const put = (ifMatch: string) => ({
    resource: { resourceType: 'Patient', id: 'abs', active: true },
    request: { method: 'PUT', url: 'Patient/abs', ifMatch },
  });
  assert.deepEqual(statuses(await submit('transaction', put('W/"1"'))), ['200']);
  outcome(await submit('transaction', put('W/"1"')), 412, 409);
  assert.deepEqual(
    statuses(await submit('transaction', { request: { method: 'DELETE', url: 'Patient/never' } })),
    ['204'],
  );
  assert.deepEqual(
    statuses(
      await submit('batch', put('W/"1"'), { request: { method: 'GET', url: 'Patient/abs' } }),
    ),
    ['412', '200'],
  );
});

test('entries of a batch do not refer to each other: a urn stays or is refused, alone', async () => {
  const p = urn();
  const reply = await submit(
    'batch',
    {
      fullUrl: p,
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: p } },
      request: { method: 'POST', url: 'Basic' },
    },
  );
  assert.equal(reply.status, 200, reply.text);
  assert.equal(statuses(reply)[0], '201');
});

test('a large transaction of 1,000 entries that refer to one of them', async () => {
  const p = urn();
  const entry = Array.from({ length: 999 }, (_, n) => ({
    fullUrl: urn(),
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: `${n}` },
      subject: { reference: p },
    },
    request: { method: 'POST', url: 'Observation' },
  }));
  const reply = await submit(
    'transaction',
    {
      fullUrl: p,
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient' },
    },
    ...entry,
  );
  assert.equal(reply.status, 200, reply.text.slice(0, 300));
  assert.equal(reply.body.entry?.length, 1000);
});

test('outcomes name what they are about: expression, code of issue-type, severity', async () => {
  const reply = await call('POST', '/fhir/Patient', {
    body: { resourceType: 'Patient', contact: [{ gender: 5 }] },
  });
  const [issue] = reply.body.issue;
  assert.equal(issue?.severity, 'error');
  assert.match(issue?.expression?.[0] ?? '', /^Patient\.contact\[0\]\.gender$/);
});

test('a create answered to Prefer in XML, an update by XML, a search in XML', async () => {
  const xml = { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' };
  const body =
    '<Patient xmlns="http://hl7.org/fhir"><id value="x1"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp; B</p></div></text><name><family value="&lt;Ä&gt;"/></name></Patient>';
  const made = await call('PUT', '/fhir/Patient/x1', { body, headers: xml });
  assert.equal(made.status, 201, made.text);
  assert.match(made.text, /<p>A &amp; B<\/p>/);
  const read = await call('GET', '/fhir/Patient/x1');
  assert.equal((read.body['name'] as { family: string }[])[0]?.family, '<Ä>');
  const minimal = await call('PUT', '/fhir/Patient/x1', {
    body,
    headers: { ...xml, prefer: 'return=minimal' },
  });
  assert.equal(minimal.text, '');
});

test('conditional update under If-None-Match and If-Match', async () => {
  const body = { resourceType: 'Patient', identifier: [{ system: 'http://c', value: '1' }] };
  const url = '/fhir/Patient?identifier=http://c|1';
  const none = { 'if-none-match': '*' };
  assert.equal((await call('PUT', url, { body, headers: none })).status, 201);
  outcome(await call('PUT', url, { body, headers: none }), 412);
  outcome(await call('PUT', url, { body, headers: { 'if-match': 'W/"7"' } }), 412);
  assert.equal((await call('PUT', url, { body, headers: { 'if-match': 'W/"1"' } })).status, 200);
});

test('a search of history parameters and odd methods on _search and _history', async () => {
  outcome(await call('POST', '/fhir/Patient/abs/_history', { body: {} }), 400, 404, 405);
  outcome(await call('PUT', '/fhir/Patient/abs/_history/1', { body: {} }), 400, 404, 405);
  const get = await call('GET', '/fhir/Patient/_search?_id=abs');
  assert.ok([200, 400, 404, 405].includes(get.status), get.text);
});
