import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
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

const label = (code: string) => ({ system: 'urn:label', code });
const parameters = (valueMeta: object) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta }],
});
const metaOf = ({ body }: Answer) =>
  (body['parameter'] as { name: string; valueMeta: Record<string, unknown> }[])[0]?.valueMeta;

test('labels and tags are added and taken away, each time as a new version', async () => {
  const meta = { tag: [label('a')], security: [label('s')] };
  const basic = { resourceType: 'Basic', meta, code: { text: 'x' } };
  const made = (await admin.post('/fhir/Basic', basic)).body.id;
  const url = `/fhir/Basic/${made}`;
  const told = await admin.get(`${url}/$meta`);
  assert.deepEqual(metaOf(told)?.['tag'], [label('a')]);
  const added = await admin.post(
    `${url}/$meta-add`,
    parameters({ tag: [{ ...label('a'), display: 'again' }, label('b')] }),
  );
  assert.equal(added.status, 200, added.text);
  assert.deepEqual(metaOf(added)?.['tag'], [label('a'), label('b')]);
  assert.equal(metaOf(added)?.['versionId'], '2');
  assert.equal((await admin.get('/fhir/Basic?_tag=urn:label|b')).body.total, 1);
  const removed = await admin.post(
    `${url}/$meta-delete`,
    parameters({ tag: [label('a'), label('never')], security: [label('s')] }),
  );
  assert.deepEqual(metaOf(removed)?.['tag'], [label('b')]);
  assert.equal(metaOf(removed)?.['security'], undefined);
  assert.equal((await admin.get('/fhir/Basic?_security=urn:label|s')).body.total, 0);
  assert.deepEqual((await admin.get(url)).body['code'], { text: 'x' });
  assert.deepEqual((await admin.get(`${url}/_history/1`)).body.meta['tag'], [label('a')]);
});

test('who may not, or sends no meta, is refused', async () => {
  const { id } = (await admin.post('/fhir/Patient', { resourceType: 'Patient', active: true }))
    .body;
  const url = `/fhir/Patient/${id}`;
  const add = parameters({ tag: [label('a')] });
  const researcher = await r.asker(tenant, 'researcher');
  assert.equal((await researcher.post(`${url}/$meta-add`, add)).status, 403);
  assert.equal((await admin.post(`${url}/$meta-add`, { resourceType: 'Parameters' })).status, 400);
  const stale = await admin.post(`${url}/$meta-add`, add, { 'if-match': 'W/"9"' });
  assert.equal(stale.status, 412);
  assert.equal((await admin.get(url)).headers['etag'], 'W/"1"');
  assert.equal((await admin.get('/fhir/Patient/nobody/$meta')).status, 404);
});
