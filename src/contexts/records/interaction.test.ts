import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../../../test/records.ts';

let r: TestRecords;
/** Reads, writes and deletes everything of the tenant. */
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

const patient = (more: object = {}) => ({ resourceType: 'Patient', active: true, ...more });

async function made(resource: { resourceType: string } = patient()): Promise<string> {
  const answer = await admin.post(`/fhir/${resource.resourceType}`, resource);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id;
}

test('a create is given an id of the server, whatever id the client sent', async () => {
  const answer = await admin.post('/fhir/Patient', patient({ id: 'mine' }));
  assert.equal(answer.status, 201);
  const { id, meta } = answer.body;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(meta.versionId, '1');
  assert.equal(answer.headers['location'], `${r.baseUrl}/Patient/${id}/_history/1`);
  assert.equal(answer.headers['etag'], 'W/"1"');
  const modified = new Date(Math.floor(Date.parse(meta.lastUpdated) / 1000) * 1000);
  assert.equal(answer.headers['last-modified'], modified.toUTCString());
  assert.equal((await admin.get('/fhir/Patient/mine')).status, 404);
});

test('a read answers what was written, with its version', async () => {
  const id = await made(patient({ name: [{ family: 'Wintermere' }] }));
  const answer = await admin.get(`/fhir/Patient/${id}`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['etag'], 'W/"1"');
  assert.equal(answer.headers['content-type'], 'application/fhir+json; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(answer.body['name'], [{ family: 'Wintermere' }]);
});

test('a read is 304 for who has the version already, and for no other', async () => {
  const id = await made();
  const url = `/fhir/Patient/${id}`;
  const first = await admin.get(url);
  const known = await admin.get(url, { 'if-none-match': 'W/"9", W/"1"' });
  assert.equal(known.status, 304);
  assert.equal(known.text, '');
  assert.equal(known.headers['etag'], 'W/"1"');
  assert.equal((await admin.get(url, { 'if-none-match': 'W/"2"' })).status, 200);
  const modified = String(first.headers['last-modified']);
  assert.equal((await admin.get(url, { 'if-modified-since': modified })).status, 304);
  const before = new Date(Date.parse(modified) - 1000).toUTCString();
  assert.equal((await admin.get(url, { 'if-modified-since': before })).status, 200);
  // RFC 9110 section 13.1.3: If-None-Match decides when both are there.
  const both = { 'if-none-match': 'W/"2"', 'if-modified-since': modified };
  assert.equal((await admin.get(url, both)).status, 200);
});

test('what never was is 404, what was deleted is 410 and says its version', async () => {
  const never = await admin.get(`/fhir/Patient/${randomUUID()}`);
  assert.equal(never.status, 404);
  assert.equal(never.body.resourceType, 'OperationOutcome');
  assert.equal(never.body.issue[0]?.code, 'not-found');
  const id = await made();
  const gone = await admin.remove(`/fhir/Patient/${id}`);
  assert.equal(gone.status, 204);
  assert.equal(gone.headers['etag'], 'W/"2"');
  const read = await admin.get(`/fhir/Patient/${id}`);
  assert.equal(read.status, 410);
  assert.equal(read.headers['etag'], 'W/"2"');
  assert.equal(read.body.issue[0]?.code, 'deleted');
});

test('deleting again, or what never was, is 204 as well', async () => {
  const id = await made();
  assert.equal((await admin.remove(`/fhir/Patient/${id}`)).status, 204);
  assert.equal((await admin.remove(`/fhir/Patient/${id}`)).status, 204);
  assert.equal((await admin.remove(`/fhir/Patient/${randomUUID()}`)).status, 204);
  assert.equal((await admin.get(`/fhir/Patient/${id}/_history`)).body.total, 2);
});

test('every version can be read for ever: superseded, current, and that it was deleted', async () => {
  const id = await made(patient({ gender: 'female' }));
  await admin.put(`/fhir/Patient/${id}`, patient({ id, gender: 'other' }));
  await admin.remove(`/fhir/Patient/${id}`);
  const version = (n: number | string) => admin.get(`/fhir/Patient/${id}/_history/${n}`);
  const first = await version(1);
  assert.equal(first.status, 200);
  assert.equal(first.body['gender'], 'female');
  assert.equal(first.headers['etag'], 'W/"1"');
  assert.equal(first.body.meta.versionId, '1');
  assert.equal((await version(2)).body['gender'], 'other');
  assert.equal((await version(3)).status, 410);
  for (const unknown of [0, 4, 'x', '-1', '99999999999']) {
    assert.equal((await version(unknown)).status, 404, String(unknown));
  }
});

test('an update is 200 with the next version; under a new id it creates and is 201', async () => {
  const id = randomUUID();
  const first = await admin.put(`/fhir/Patient/${id}`, patient({ id }));
  assert.equal(first.status, 201);
  assert.equal(first.headers['location'], `${r.baseUrl}/Patient/${id}/_history/1`);
  const second = await admin.put(`/fhir/Patient/${id}`, patient({ id, gender: 'male' }));
  assert.equal(second.status, 200);
  assert.equal(second.headers['etag'], 'W/"2"');
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).body['gender'], 'male');
});

test('an update whose body names no id or another one is refused', async () => {
  const id = await made();
  const other = await admin.put(`/fhir/Patient/${id}`, patient({ id: 'other' }));
  assert.equal(other.status, 400);
  assert.equal(other.body.issue[0]?.details.coding?.[0]?.code, 'RESOURCE_MISMATCH');
  assert.equal((await admin.put(`/fhir/Patient/${id}`, patient())).status, 400);
  const type = await admin.put(`/fhir/Patient/${id}`, { resourceType: 'Basic', id });
  assert.ok(type.status >= 400 && type.status < 500);
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).headers['etag'], 'W/"1"');
});

test('If-Match lets the current version through and stops a stale one with 412', async () => {
  const id = await made();
  const url = `/fhir/Patient/${id}`;
  const put = (match: string) => admin.put(url, patient({ id }), { 'if-match': match });
  assert.equal((await put('W/"1"')).status, 200);
  const stale = await put('W/"1"');
  assert.equal(stale.status, 412);
  assert.equal(stale.body.issue[0]?.details.coding?.[0]?.code, 'VERSION_CONFLICT');
  assert.equal((await put('"2"')).status, 200);
  assert.equal((await put('nonsense')).status, 400);
  assert.equal((await admin.remove(url, { 'if-match': 'W/"2"' })).status, 412);
  assert.equal((await admin.remove(url, { 'if-match': 'W/"3"' })).status, 204);
  assert.equal((await put('W/"4"')).status, 412);
});

test('an update of a deleted record revives it with the next version', async () => {
  const id = await made(patient({ name: [{ family: 'Lazarewicz' }] }));
  await admin.remove(`/fhir/Patient/${id}`);
  assert.equal((await admin.get('/fhir/Patient?family=Lazarewicz')).body.total, 0);
  const body = patient({ id, name: [{ family: 'Lazarewicz' }] });
  const back = await admin.put(`/fhir/Patient/${id}`, body);
  assert.equal(back.status, 201);
  assert.equal(back.headers['etag'], 'W/"3"');
  assert.equal((await admin.get(`/fhir/Patient/${id}`)).status, 200);
  assert.equal((await admin.get('/fhir/Patient?family=Lazarewicz')).body.total, 1);
});

test('a conditional create makes one, finds the one, and refuses to choose among many', async () => {
  const identifier = [{ system: 'urn:example:mrn', value: randomUUID() }];
  const create = () =>
    admin.post('/fhir/Patient', patient({ identifier }), {
      'if-none-exist': `identifier=urn:example:mrn|${identifier[0]?.value}`,
    });
  const first = await create();
  assert.equal(first.status, 201);
  const again = await create();
  assert.equal(again.status, 200);
  assert.equal(again.body.id, first.body.id);
  assert.equal(again.headers['etag'], 'W/"1"');
  assert.equal(again.headers['last-modified'], first.headers['last-modified']);
  await made(patient({ identifier }));
  const many = await create();
  assert.equal(many.status, 412);
  assert.equal(many.body.issue[0]?.code, 'multiple-matches');
});

test('criteria without a parameter, or with an unknown one, are refused', async () => {
  const create = (criteria: string) =>
    admin.post('/fhir/Patient', patient(), { 'if-none-exist': criteria });
  assert.equal((await create('')).status, 400);
  assert.equal((await create('colour=blue')).status, 400);
  assert.equal((await create('_count=1')).status, 400);
});

test('Prefer says how much a write answers', async () => {
  const post = (prefer: string) => admin.post('/fhir/Patient', patient(), { prefer });
  const minimal = await post('return=minimal');
  assert.equal(minimal.status, 201);
  assert.equal(minimal.text, '');
  assert.ok(minimal.headers['location']);
  assert.equal((await post('return=representation')).body.resourceType, 'Patient');
  const outcome = await post('return=OperationOutcome');
  assert.equal(outcome.body.resourceType, 'OperationOutcome');
  assert.equal(outcome.body.issue[0]?.severity, 'information');
});
