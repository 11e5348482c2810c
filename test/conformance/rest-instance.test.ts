import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, pathOf, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
});
after(() => r.close());

const patient = (more: object = {}) => ({
  resourceType: 'Patient',
  name: [{ family: 'Adler', given: ['Ruth'] }],
  ...more,
});

const group = (id?: string) => ({ resourceType: 'Group', id, type: 'person', actual: true });

async function made(more: object = {}): Promise<{ url: string; id: string; reply: Reply }> {
  const reply = await call('POST', '/fhir/Patient', { body: patient(more) });
  assert.equal(reply.status, 201, reply.text);
  return { url: `/fhir/Patient/${reply.body.id}`, id: reply.body.id, reply };
}

function outcome(reply: Reply, status: number, code?: string | RegExp): void {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.header('content-type'), /^application\/fhir\+json/);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
  const issue = reply.body.issue[0];
  assert.ok(issue && ['error', 'fatal'].includes(issue.severity), reply.text);
  if (code !== undefined) assert.match(issue.code, new RegExp(`^(?:${String(code)})$`));
}

const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

test('create answers 201 with a versioned Location, ETag, Last-Modified and meta', async () => {
  const { reply, id } = await made({
    id: 'ignored',
    meta: { versionId: '77', lastUpdated: '2001-01-01T00:00:00Z', tag: [{ code: 'kept' }] },
  });
  assert.notEqual(id, 'ignored');
  assert.match(reply.header('location'), new RegExp(`^https?://.*/fhir/Patient/${id}/_history/1$`));
  assert.equal(reply.header('etag'), 'W/"1"');
  assert.match(reply.header('last-modified'), httpDate);
  assert.equal(reply.body.meta.versionId, '1');
  assert.notEqual(reply.body.meta.lastUpdated.slice(0, 4), '2001');
  assert.deepEqual(reply.body.meta['tag'], [{ code: 'kept' }]);
  assert.match(reply.header('content-type'), /^application\/fhir\+json; ?charset=utf-8$/i);
});

test('read: ETag, Last-Modified, and the location of a create can be read as a version', async () => {
  const { url, reply } = await made();
  const read = await call('GET', url);
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, reply.body);
  assert.equal(read.header('etag'), 'W/"1"');
  assert.equal(read.header('last-modified'), reply.header('last-modified'));
  const version = await call('GET', pathOf(reply.header('location')));
  assert.deepEqual(version.body, reply.body);
  assert.equal(version.header('etag'), 'W/"1"');
  assert.match(version.header('last-modified'), httpDate);
});

test('HEAD answers as GET, without a body', async () => {
  const { url } = await made();
  for (const one of [
    url,
    `${url}/_history/1`,
    `${url}/_history`,
    '/fhir/Patient',
    '/fhir/metadata',
  ]) {
    const [head, get] = [await call('HEAD', one), await call('GET', one)];
    assert.equal(head.status, 200, one);
    assert.equal(head.text, '');
    for (const name of ['etag', 'last-modified', 'content-type'])
      assert.equal(head.header(name), get.header(name), `${one} ${name}`);
  }
  assert.equal((await call('HEAD', '/fhir/Patient/none')).status, 404);
});

test('conditional read: 304 for the same ETag or no change since, 200 otherwise', async () => {
  const { url, reply } = await made();
  const same = await call('GET', url, { headers: { 'if-none-match': 'W/"1"' } });
  assert.equal(same.status, 304);
  assert.equal(same.text, '');
  assert.equal(same.header('etag'), 'W/"1"');
  const other = await call('GET', url, { headers: { 'if-none-match': 'W/"2"' } });
  assert.equal(other.status, 200);
  const list = await call('GET', url, { headers: { 'if-none-match': 'W/"7", W/"1"' } });
  assert.equal(list.status, 304);
  const since = reply.header('last-modified');
  const unchanged = await call('GET', url, { headers: { 'if-modified-since': since } });
  assert.equal(unchanged.status, 304);
  const old = { 'if-modified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' };
  assert.equal((await call('GET', url, { headers: old })).status, 200);
});

test('what is not there: 404; a type that is none: 404; a version that is none: 404', async () => {
  const { url } = await made();
  outcome(await call('GET', '/fhir/Patient/none'), 404, 'not-found');
  outcome(await call('GET', `${url}/_history/99`), 404, 'not-found');
  outcome(await call('GET', `${url}/_history/abc`), 404, 'not-found');
  outcome(await call('GET', '/fhir/Patient/none/_history'), 404, 'not-found');
  outcome(await call('GET', '/fhir/Nothing/1'), 404, 'not-supported|not-found');
  outcome(await call('GET', '/fhir/Nothing'), 404, 'not-supported|not-found');
  outcome(await call('POST', '/fhir/Nothing', { body: { resourceType: 'Nothing' } }), 404);
  outcome(await call('GET', '/fhir/patient/1'), 404);
  outcome(await call('GET', '/fhir/Patient/1/2/3/4'), 404);
  outcome(await call('GET', '/fhir/DomainResource/1'), 404);
});

test('create refuses: another type 400, no JSON 400, no type 400, an unknown member 4xx', async () => {
  outcome(await call('POST', '/fhir/Patient', { body: group() }), 400);
  outcome(await call('POST', '/fhir/Patient', { body: '{"resourceType":' }), 400);
  const typeless = await call('POST', '/fhir/Patient', { body: { active: true } });
  assert.ok([400, 422].includes(typeless.status));
  outcome(await call('POST', '/fhir/Patient', { body: '' }), 400);
  const unknown = await call('POST', '/fhir/Patient', { body: patient({ nonsense: 1 }) });
  assert.ok([400, 422].includes(unknown.status), unknown.text);
  const wrong = await call('POST', '/fhir/Patient', { body: patient({ birthDate: 'yesterday' }) });
  assert.ok([400, 422].includes(wrong.status), wrong.text);
  assert.match(wrong.text, /birthDate/);
  const missing = await call('POST', '/fhir/Observation', {
    body: { resourceType: 'Observation' },
  });
  assert.ok([400, 422].includes(missing.status), missing.text);
});

test('update: 200, one version more, ETag and Last-Modified; the id is the URL’s', async () => {
  const { url, id } = await made();
  const body = patient({ id, gender: 'female' });
  const reply = await call('PUT', url, { body });
  assert.equal(reply.status, 200);
  assert.equal(reply.header('etag'), 'W/"2"');
  assert.match(reply.header('last-modified'), httpDate);
  assert.equal(reply.body.meta.versionId, '2');
  assert.equal(reply.body['gender'], 'female');
  const first = await call('GET', `${url}/_history/1`);
  assert.equal(first.body['gender'], undefined);
  outcome(await call('PUT', url, { body: patient({ id: 'other' }) }), 400);
  outcome(await call('PUT', url, { body: patient() }), 400);
  outcome(await call('PUT', url, { body: group(id) }), 400);
});

test('update as create: 201 with Location under the id the client chose', async () => {
  const body = patient({ id: 'my-own.ID-1' });
  const reply = await call('PUT', '/fhir/Patient/my-own.ID-1', { body });
  assert.equal(reply.status, 201);
  assert.match(reply.header('location'), /\/fhir\/Patient\/my-own\.ID-1\/_history\/1$/);
  assert.equal(reply.header('etag'), 'W/"1"');
  const bad = 'a'.repeat(65);
  outcome(await call('PUT', `/fhir/Patient/${bad}`, { body: patient({ id: bad }) }), 400);
  outcome(await call('PUT', '/fhir/Patient/a_b', { body: patient({ id: 'a_b' }) }), 400);
});

test('If-Match: the current version 200, another 412, of nothing 412, and of strong form', async () => {
  const { url, id } = await made();
  const put = (etag: string, to = url, of = id) =>
    call('PUT', to, { body: patient({ id: of }), headers: { 'if-match': etag } });
  assert.equal((await put('W/"1"')).status, 200);
  outcome(await put('W/"1"'), 412, 'conflict');
  assert.equal((await put('"2"')).status, 200);
  assert.equal((await put('*')).status, 200);
  outcome(await put('W/"1"', '/fhir/Patient/nobody', 'nobody'), 412);
  assert.ok([400, 412].includes((await put('nonsense')).status));
});

test('If-None-Match * on an update creates, and is 412 of what exists', async () => {
  const { url, id } = await made();
  const headers = { 'if-none-match': '*' };
  outcome(await call('PUT', url, { body: patient({ id }), headers }), 412);
  const fresh = await call('PUT', '/fhir/Patient/fresh', {
    body: patient({ id: 'fresh' }),
    headers,
  });
  assert.equal(fresh.status, 201);
});

test('delete: 200 or 204 with a new version; read 410; its history tells; PUT brings back', async () => {
  const { url, id } = await made();
  const gone = await call('DELETE', url);
  assert.ok([200, 204].includes(gone.status));
  if (gone.status === 204) assert.equal(gone.text, '');
  assert.equal(gone.header('etag'), 'W/"2"');
  const read = await call('GET', url);
  outcome(read, 410, 'deleted');
  outcome(await call('GET', `${url}/_history/2`), 410, 'deleted');
  assert.equal((await call('GET', `${url}/_history/1`)).status, 200);
  const history = await call('GET', `${url}/_history`);
  assert.equal(history.body.entry?.[0]?.request?.method, 'DELETE');
  assert.equal(history.body.entry?.[0]?.resource, undefined);
  const again = await call('DELETE', url);
  assert.ok([200, 204].includes(again.status), again.text);
  const never = await call('DELETE', '/fhir/Patient/never-was');
  assert.ok([200, 204, 404].includes(never.status), never.text);
  const back = await call('PUT', url, { body: patient({ id }) });
  assert.equal(back.status, 201);
  assert.equal(back.header('etag'), 'W/"3"');
  assert.equal((await call('GET', url)).status, 200);
});

test('delete with If-Match of another version: 412', async () => {
  const { url } = await made();
  outcome(await call('DELETE', url, { headers: { 'if-match': 'W/"9"' } }), 412);
  assert.equal((await call('GET', url)).status, 200);
  const right = await call('DELETE', url, { headers: { 'if-match': 'W/"1"' } });
  assert.ok([200, 204].includes(right.status));
});

test('Prefer: minimal, representation and OperationOutcome, for create, update and patch', async () => {
  const { url, id } = await made();
  for (const [method, to, status] of [
    ['POST', '/fhir/Patient', 201],
    ['PUT', url, 200],
  ] as const) {
    const ask = (prefer: string) =>
      call(method, to, { body: patient({ id }), headers: { prefer: `return=${prefer}` } });
    const minimal = await ask('minimal');
    assert.equal(minimal.status, status);
    assert.equal(minimal.text, '');
    assert.notEqual(minimal.header('etag'), '');
    assert.notEqual(minimal.header('last-modified'), '');
    assert.equal((await ask('representation')).body.resourceType, 'Patient');
    const told = await ask('OperationOutcome');
    assert.equal(told.status, status);
    assert.equal(told.body.resourceType, 'OperationOutcome');
    assert.ok((await ask('nonsense')).status < 300);
  }
});

test('reads shape: _summary, _elements, _pretty; SUBSETTED is told', async () => {
  const { url } = await made({
    gender: 'female',
    photo: [{ url: 'http://x/y' }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' },
  });
  const summary = await call('GET', `${url}?_summary=true`);
  assert.equal(summary.body['photo'], undefined);
  assert.equal(summary.body['text'], undefined);
  assert.match(JSON.stringify(summary.body.meta), /SUBSETTED/);
  const text = await call('GET', `${url}?_summary=text`);
  assert.notEqual(text.body['text'], undefined);
  assert.equal(text.body['gender'], undefined);
  const data = await call('GET', `${url}?_summary=data`);
  assert.equal(data.body['text'], undefined);
  assert.notEqual(data.body['photo'], undefined);
  const elements = await call('GET', `${url}?_elements=gender`);
  assert.equal(elements.body['gender'], 'female');
  assert.equal(elements.body['name'], undefined);
  assert.equal(elements.body.id, summary.body.id);
  assert.match(JSON.stringify(elements.body.meta), /SUBSETTED/);
  assert.match((await call('GET', `${url}?_pretty=true`)).text, /\n {2}"/);
  outcome(await call('GET', `${url}?_summary=nonsense`), 400);
  outcome(await call('PUT', url, { body: elements.body }), 422);
  const copy = await call('POST', '/fhir/Patient', { body: elements.body });
  assert.equal(copy.status, 201);
  assert.doesNotMatch(copy.text, /SUBSETTED/);
});

test('vread of a resource whose id was given in the wrong case is 404', async () => {
  await call('PUT', '/fhir/Patient/CaseA', { body: patient({ id: 'CaseA' }) });
  outcome(await call('GET', '/fhir/Patient/casea'), 404, 'not-found');
});

test('methods that are not there: 405 with Allow or 404, an OperationOutcome', async () => {
  for (const [method, url] of [
    ['PUT', '/fhir/metadata'],
    ['POST', '/fhir/Patient/1'],
    ['DELETE', '/fhir/Patient/1/_history'],
    ['PUT', '/fhir'],
    ['PATCH', '/fhir'],
  ] as const) {
    const reply = await call(method, url, method === 'DELETE' ? {} : { body: patient() });
    assert.ok(
      [404, 405, 400].includes(reply.status),
      `${method} ${url} ${reply.status} ${reply.text}`,
    );
    assert.equal(reply.body.resourceType, 'OperationOutcome');
    if (reply.status === 405) assert.notEqual(reply.header('allow'), '', url);
  }
});

test('without a token 401 with WWW-Authenticate and an OperationOutcome', async () => {
  const reply = await callAs(r, undefined)('GET', '/fhir/Patient/1');
  outcome(reply, 401, 'login|security|unknown');
  assert.match(reply.header('www-authenticate'), /^Bearer/);
  outcome(await callAs(r, 'nonsense')('GET', '/fhir/Patient'), 401);
});
