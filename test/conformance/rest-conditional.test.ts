import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;
let turn = 0;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
});
after(() => r.close());

const system = 'http://hospital.example.org/mrn';
const patient = (value: string, more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  ...more,
});
function fresh(): string {
  turn += 1;
  return `mrn-${turn}`;
}
const query = (value: string) => `identifier=${encodeURIComponent(`${system}|${value}`)}`;
const post = (value: string, headers = {}) =>
  call('POST', '/fhir/Patient', { body: patient(value), headers });

function outcome(reply: Reply, ...statuses: number[]): void {
  assert.ok(statuses.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}

test('conditional create: none 201, one 200 of what is there, many 412', async () => {
  const value = fresh();
  const headers = { 'if-none-exist': query(value) };
  const first = await post(value, headers);
  assert.equal(first.status, 201, first.text);
  const second = await post(value, headers);
  assert.equal(second.status, 200, second.text);
  assert.match(second.header('location'), new RegExp(`/Patient/${first.body.id}/_history/1$`));
  assert.equal(second.header('etag'), 'W/"1"');
  assert.equal((await post(value, { 'if-none-exist': `Patient?${query(value)}` })).status, 200);
  assert.equal((await post(value, { 'if-none-exist': `?${query(value)}` })).status, 200);
  await post(value);
  outcome(await post(value, headers), 412);
  outcome(await post(value, { 'if-none-exist': 'nonsense=1' }), 400, 412);
});

test('conditional update: none creates, one updates, many 412, another id 400', async () => {
  const value = fresh();
  const url = `/fhir/Patient?${query(value)}`;
  const created = await call('PUT', url, { body: patient(value) });
  assert.equal(created.status, 201, created.text);
  assert.match(created.header('location'), /\/Patient\/[^/]+\/_history\/1$/);
  const updated = await call('PUT', url, { body: patient(value, { gender: 'male' }) });
  assert.equal(updated.status, 200, updated.text);
  assert.equal(updated.body.id, created.body.id);
  assert.equal(updated.body.meta.versionId, '2');
  const own = await call('PUT', url, { body: patient(value, { id: created.body.id }) });
  assert.equal(own.status, 200);
  outcome(await call('PUT', url, { body: patient(value, { id: 'another' }) }), 400);
  await post(value);
  outcome(await call('PUT', url, { body: patient(value) }), 412);
});

test('conditional update with an id and no match is an update as create', async () => {
  const value = fresh();
  const body = patient(value, { id: `own-${value}` });
  const created = await call('PUT', `/fhir/Patient?${query(value)}`, { body });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body.id, `own-${value}`);
});

test('conditional delete: one goes, none is no error, many 412 or all', async () => {
  const value = fresh();
  const url = `/fhir/Patient?${query(value)}`;
  const { body } = await post(value);
  const gone = await call('DELETE', url);
  assert.ok([200, 204].includes(gone.status), gone.text);
  assert.equal((await call('GET', `/fhir/Patient/${body.id}`)).status, 410);
  const none = await call('DELETE', url);
  assert.ok([200, 204, 404].includes(none.status), none.text);
  await post(value);
  await post(value);
  const many = await call('DELETE', url);
  assert.ok([200, 204, 412].includes(many.status), many.text);
  const left = await call('GET', url);
  assert.equal(left.body.total, many.status === 412 ? 2 : 0);
  outcome(await call('DELETE', '/fhir/Patient'), 400, 405, 412);
  outcome(await call('PUT', '/fhir/Patient', { body: patient(value) }), 400, 405, 412);
});

test('conditional patch: one is patched, none 404, many 412', async () => {
  const value = fresh();
  const url = `/fhir/Patient?${query(value)}`;
  const asked = {
    body: [{ op: 'add', path: '/gender', value: 'female' }],
    headers: { 'content-type': 'application/json-patch+json' },
  };
  outcome(await call('PATCH', url, asked), 404);
  await post(value);
  const patched = await call('PATCH', url, asked);
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.body['gender'], 'female');
  await post(value);
  outcome(await call('PATCH', url, asked), 412);
});

test('conditions hold on values with plus, comma, escapes and chains', async () => {
  const value = 'a+b';
  const first = await post(value, { 'if-none-exist': query(value) });
  const again = await post(value, { 'if-none-exist': query(value) });
  assert.deepEqual([first.status, again.status], [201, 200]);
  const odd = 'x,y|z$w';
  const escaped = encodeURIComponent(`${system}|x\\,y\\|z\\$w`);
  const one = await post(odd, { 'if-none-exist': `identifier=${escaped}` });
  const two = await post(odd, { 'if-none-exist': `identifier=${escaped}` });
  assert.deepEqual([one.status, two.status], [201, 200]);
});

const jsonPatch = { 'content-type': 'application/json-patch+json' };

test('JSON Patch: every operation; a failed test 422 or 409; a bad path 4xx; not JSON 400', async () => {
  const { body } = await post(fresh());
  const url = `/fhir/Patient/${body.id}`;
  const patch = (ops: object | string, headers = {}) =>
    call('PATCH', url, { body: ops, headers: { ...jsonPatch, ...headers } });
  const done = await patch([
    { op: 'test', path: '/resourceType', value: 'Patient' },
    { op: 'add', path: '/name', value: [{ family: 'A' }] },
    { op: 'add', path: '/name/-', value: { family: 'B', given: ['x'] } },
    { op: 'replace', path: '/name/0/family', value: 'Z' },
    { op: 'copy', from: '/name/1', path: '/name/2' },
    { op: 'move', from: '/name/1/given', path: '/name/0/given' },
    { op: 'remove', path: '/name/2' },
    { op: 'add', path: '/birthDate', value: '1980-02-03' },
  ]);
  assert.equal(done.status, 200, done.text);
  assert.equal(done.header('etag'), 'W/"2"');
  assert.deepEqual(done.body['name'], [{ family: 'Z', given: ['x'] }, { family: 'B' }]);
  outcome(
    await patch([{ op: 'test', path: '/birthDate', value: '2000-01-01' }]),
    400,
    409,
    412,
    422,
  );
  outcome(await patch([{ op: 'remove', path: '/photo/0' }]), 400, 422);
  outcome(await patch([{ op: 'nonsense', path: '/a' }]), 400, 422);
  outcome(await patch('{'), 400);
  outcome(await patch({ op: 'add' }), 400, 422);
  outcome(await patch([{ op: 'replace', path: '/birthDate', value: 'soon' }]), 400, 422);
  outcome(await patch([{ op: 'replace', path: '/id', value: 'other' }]), 400, 422);
  outcome(await patch([{ op: 'replace', path: '/resourceType', value: 'Group' }]), 400, 422);
  outcome(await patch([{ op: 'remove', path: '/birthDate' }], { 'if-match': 'W/"1"' }), 412);
  assert.equal(
    (await patch([{ op: 'remove', path: '/birthDate' }], { 'if-match': 'W/"2"' })).status,
    200,
  );
  outcome(await call('PATCH', '/fhir/Patient/nobody', { body: [], headers: jsonPatch }), 404);
  outcome(await call('PATCH', url, { body: '[]', headers: { 'content-type': 'text/plain' } }), 415);
});

test('a patch that changes nothing answers 200', async () => {
  const { body } = await post(fresh());
  const reply = await call('PATCH', `/fhir/Patient/${body.id}`, { body: [], headers: jsonPatch });
  assert.equal(reply.status, 200, reply.text);
});
