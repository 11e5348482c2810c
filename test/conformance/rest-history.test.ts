import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { linkOf, type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;
let middle = '';
const url = '/fhir/Patient/p1';

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
  const put = (type: string, id: string, more: object = {}) =>
    call('PUT', `/fhir/${type}/${id}`, { body: { resourceType: type, id, ...more } });
  await put('Patient', 'p1', { gender: 'male' });
  await put('Patient', 'p2');
  await new Promise((resolve) => setTimeout(resolve, 30));
  middle = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 30));
  await put('Patient', 'p1', { gender: 'female' });
  await put('Group', 'g1', { type: 'person', actual: true });
  await call('DELETE', url);
  await put('Patient', 'p1', { gender: 'other' });
  await call('POST', '/fhir/Patient', { body: { resourceType: 'Patient' } });
});
after(() => r.close());

const steps = (reply: Reply) =>
  (reply.body.entry ?? []).map(
    ({ request, response }) => `${request?.method} ${request?.url} ${response.etag}`,
  );

test('instance history: newest first, method, url, status, etag and lastModified of each', async () => {
  const reply = await call('GET', `${url}/_history`);
  assert.equal(reply.status, 200);
  assert.equal(reply.body.type, 'history');
  assert.equal(reply.body.total, 4);
  assert.deepEqual(steps(reply), [
    'PUT Patient/p1 W/"4"',
    'DELETE Patient/p1 W/"3"',
    'PUT Patient/p1 W/"2"',
    'PUT Patient/p1 W/"1"',
  ]);
  const entries = reply.body.entry ?? [];
  assert.deepEqual(
    entries.map(({ response }) => response.status.slice(0, 3)),
    ['201', '204', '200', '201'],
  );
  for (const { fullUrl, response, resource, request } of entries) {
    assert.equal(fullUrl, `${r.baseUrl}/Patient/p1`);
    assert.match(response.lastModified ?? '', /^\d{4}-\d\d-\d\dT/);
    assert.equal(resource === undefined, request?.method === 'DELETE');
  }
  assert.match(linkOf(reply as never, 'self') ?? '', /\/Patient\/p1\/_history/);
});

test('type and system history hold what was posted as POST on the type', async () => {
  const type = await call('GET', '/fhir/Patient/_history');
  assert.equal(type.body.total, 6);
  assert.match(steps(type)[0] ?? '', /^POST Patient W\/"1"$/);
  const system = await call('GET', '/fhir/_history');
  assert.equal(system.body.total, 7);
  assert.ok(system.body.entry?.some(({ resource }) => resource?.resourceType === 'Group'));
  const group = await call('GET', '/fhir/Group/_history');
  assert.equal(group.body.total, 1);
  const times = (system.body.entry ?? []).map(({ response }) => response.lastModified ?? '');
  assert.deepEqual(times, times.toSorted().toReversed());
});

test('_since leaves out what is older, on each level', async () => {
  const since = encodeURIComponent(middle);
  assert.equal((await call('GET', `${url}/_history?_since=${since}`)).body.total, 3);
  assert.equal((await call('GET', `/fhir/Patient/_history?_since=${since}`)).body.total, 4);
  assert.equal((await call('GET', `/fhir/_history?_since=${since}`)).body.total, 5);
  const future = encodeURIComponent(new Date(Date.now() + 1e6).toISOString());
  const none = await call('GET', `${url}/_history?_since=${future}`);
  assert.equal(none.status, 200);
  assert.equal(none.body.total, 0);
  assert.equal((await call('GET', `${url}/_history?_since=nonsense`)).status, 400);
  const offset = await call('GET', `${url}/_history?_since=2001-01-01T00:00:00%2B02:00`);
  assert.equal(offset.body.total, 4);
});

test('_at tells the version that was current at a time or in a period', async () => {
  const at = await call('GET', `${url}/_history?_at=${encodeURIComponent(middle)}`);
  assert.deepEqual(steps(at), ['PUT Patient/p1 W/"1"']);
  const year = await call('GET', `${url}/_history?_at=${new Date().getUTCFullYear()}`);
  assert.equal(year.body.total, 4);
  assert.equal((await call('GET', `${url}/_history?_at=2001-01-01`)).body.total, 0);
  assert.equal((await call('GET', `${url}/_history?_at=nonsense`)).status, 400);
});

test('_count pages through every version once; the total stays', async () => {
  for (const level of [url, '/fhir/Patient', '/fhir']) {
    const whole = steps(await call('GET', `${level}/_history`));
    const paged: string[] = [];
    let next: string | undefined = `${level}/_history?_count=2`;
    while (next !== undefined) {
      const page: Reply = await call('GET', next);
      assert.equal(page.status, 200, page.text);
      assert.ok((page.body.entry ?? []).length <= 2);
      assert.equal(page.body.total, whole.length);
      paged.push(...steps(page));
      next = linkOf(page as never, 'next');
    }
    assert.deepEqual(paged, whole);
  }
});

test('history by _sort, _summary=count, _format, and refused _count', async () => {
  const asc = await call('GET', `${url}/_history?_sort=_lastUpdated`);
  assert.ok([200, 400].includes(asc.status), asc.text);
  if (asc.status === 200) assert.match(steps(asc)[0] ?? '', /W\/"1"/);
  const count = await call('GET', `${url}/_history?_summary=count`);
  assert.ok([200, 400].includes(count.status), count.text);
  const zero = await call('GET', `${url}/_history?_count=0`);
  assert.equal(zero.status, 200, zero.text);
  assert.equal(zero.body.total, 4);
  assert.equal(zero.body.entry, undefined);
  assert.equal((await call('GET', `${url}/_history?_count=-1`)).status, 400);
  const xml = await call('GET', `${url}/_history?_format=xml`);
  assert.match(xml.text, /<Bundle xmlns="http:\/\/hl7.org\/fhir">/);
  assert.equal((await call('GET', '/fhir/Patient/nobody/_history')).status, 404);
});

test('history of a deleted resource remains; a POST of _history is none', async () => {
  await call('PUT', '/fhir/Patient/gone', { body: { resourceType: 'Patient', id: 'gone' } });
  await call('DELETE', '/fhir/Patient/gone');
  const reply = await call('GET', '/fhir/Patient/gone/_history');
  assert.deepEqual(steps(reply), ['DELETE Patient/gone W/"2"', 'PUT Patient/gone W/"1"']);
});
