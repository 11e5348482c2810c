import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../../../test/records.ts';

let r: TestRecords;
let admin: Asker;
let id: string;

const name = [{ family: 'Wintermere' }];
const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  const patient = { resourceType: 'Patient', active: true, name, text, gender: 'other' };
  id = (await admin.post('/fhir/Patient', patient)).body.id;
});
after(() => r.close());

/** As it goes over the wire. */
const raw = (method: 'HEAD' | 'GET' | 'PUT' | 'DELETE' | 'PATCH' | 'POST', url: string) =>
  r.app.server.inject({ method, url, headers: { authorization: `Bearer ${admin.token}` } });

test('HEAD is a GET without its body', async () => {
  for (const path of [`/fhir/Patient/${id}`, `/fhir/Patient/${id}/_history/1`, '/fhir/metadata']) {
    const [head, get] = [await raw('HEAD', path), await raw('GET', path)];
    assert.equal(head.statusCode, 200, path);
    assert.equal(head.body, '');
    assert.equal(head.headers['etag'], get.headers['etag']);
    assert.equal(head.headers['content-type'], get.headers['content-type']);
  }
  assert.equal((await raw('HEAD', '/fhir/Patient/nobody')).statusCode, 404);
});

test('a method a path does not take is 405 and says which it takes', async () => {
  const post = await raw('POST', `/fhir/Patient/${id}`);
  assert.equal(post.statusCode, 405, post.body);
  assert.match(String(post.headers['allow']), /\bGET, HEAD\b.*\bPUT\b/);
  assert.equal(JSON.parse(post.body).resourceType, 'OperationOutcome');
  assert.equal((await raw('GET', '/fhir/Patient/1/2/3/4')).statusCode, 404);
});

test('_pretty=true writes for a human, numbers as they are', async () => {
  const observation = {
    ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
    valueQuantity: { value: 1 },
  };
  const body = JSON.stringify(observation).replace('"value":1}', '"value":1.00}');
  const made = await admin.post('/fhir/Observation?_pretty=true', body);
  assert.equal(made.status, 201, made.text);
  assert.match(made.text, /^\{\n {2}"resourceType": "Observation"/);
  assert.match(made.text, /"value": 1\.00\n/);
  assert.match((await admin.get('/fhir/metadata?_pretty=true')).text, /\n {2}"status"/);
  assert.ok(!(await admin.get(`/fhir/Patient/${id}?_pretty=false`)).text.includes('\n'));
});

test('_elements and _summary leave out of one record what was not asked for', async () => {
  for (const url of [`/fhir/Patient/${id}`, `/fhir/Patient/${id}/_history/1`]) {
    const elements = (await admin.get(`${url}?_elements=gender,name`)).body;
    assert.deepEqual(elements['name'], name);
    assert.equal(elements['active'], undefined);
    assert.equal((elements.meta['tag'] as { code: string }[])[0]?.code, 'SUBSETTED');
    const data = (await admin.get(`${url}?_summary=data`)).body;
    assert.equal(data['text'], undefined);
    assert.equal(data['active'], true);
    const onlyText = (await admin.get(`${url}?_summary=text`)).body;
    assert.deepEqual(onlyText['text'], text);
    assert.equal(onlyText['gender'], undefined);
  }
  assert.equal((await admin.get(`/fhir/Patient/${id}?_summary=count`)).status, 400);
  assert.equal((await admin.get(`/fhir/Patient/${id}?colour=blue`)).status, 400);
});

test('a version that is known is not sent again, of a vread either', async () => {
  const known = { 'if-none-match': 'W/"1"' };
  for (const url of [`/fhir/Patient/${id}`, `/fhir/Patient/${id}/_history/1`]) {
    const answer = await admin.get(url, known);
    assert.equal(answer.status, 304);
    assert.equal(answer.text, '');
  }
});

test('Prefer: return decides what a write answers; what nobody knows is ignored', async () => {
  const url = '/fhir/Patient';
  const patient = { resourceType: 'Patient', active: true };
  const minimal = await admin.post(url, patient, { prefer: 'return=minimal' });
  assert.equal(minimal.status, 201);
  assert.equal(minimal.text, '');
  assert.ok(minimal.headers['location']);
  const outcome = await admin.post(url, patient, {
    prefer: 'wait=10, return="OperationOutcome"; x=1, return=minimal',
  });
  assert.equal(outcome.body.resourceType, 'OperationOutcome');
  const other = await admin.post(url, patient, { prefer: 'return=everything, respond-slowly' });
  assert.equal(other.body.resourceType, 'Patient');
  const gone = await admin.remove(`/fhir/Patient/${other.body.id}`, {
    prefer: 'return=OperationOutcome',
  });
  assert.equal(gone.status, 200);
  assert.equal(gone.body.resourceType, 'OperationOutcome');
});
