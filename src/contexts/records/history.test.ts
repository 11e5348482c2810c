import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  type Asker,
  type Entry,
  linkOf,
  type TestRecords,
  testRecords,
} from '../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  admin = await r.asker(tenant, 'admin');
});
after(() => r.close());

const basic = (id: string, text: string) => ({ resourceType: 'Basic', id, code: { text } });

/** `what` happens between two pages. */
async function pages(
  url: string,
  what: (page: number) => Promise<unknown> = async () => undefined,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let next: string | undefined = url;
  for (let page = 0; next !== undefined; page += 1) {
    assert.ok(page < 100, 'paging has no end');
    const answer = await admin.get(next);
    assert.equal(answer.status, 200, answer.text);
    entries.push(...(answer.body.entry ?? []));
    next = linkOf(answer, 'next');
    if (next !== undefined) await what(page);
  }
  return entries;
}

const versionOf = ({ response }: Entry) => Number(/\d+/.exec(response.etag ?? '')?.[0]);

test('a record’s history is all it ever was, newest first, deletions included', async () => {
  const url = '/fhir/Basic/one';
  await admin.put(url, basic('one', 'a'));
  await admin.put(url, basic('one', 'b'));
  await admin.remove(url);
  await admin.put(url, basic('one', 'c'));
  const answer = await admin.get(`${url}/_history`);
  assert.equal(answer.body.type, 'history');
  assert.equal(answer.body.total, 4);
  const entries = answer.body.entry ?? [];
  assert.deepEqual(entries.map(versionOf), [4, 3, 2, 1]);
  assert.deepEqual(
    entries.slice(1).map(({ response }) => response.status),
    ['204 No Content', '200 OK', '201 Created'],
  );
  assert.deepEqual(
    entries.map(({ request }) => request?.method),
    ['PUT', 'DELETE', 'PUT', 'PUT'],
  );
  const [last, deletion] = entries;
  assert.equal(last?.fullUrl, `${r.baseUrl}/Basic/one`);
  assert.deepEqual(last?.resource['code'], { text: 'c' });
  assert.equal(deletion?.resource, undefined);
  assert.equal(deletion?.request?.url, 'Basic/one');
});

test('a record that never was has no history; a deleted one has', async () => {
  assert.equal((await admin.get(`/fhir/Basic/${randomUUID()}/_history`)).status, 404);
  const { id } = (await admin.post('/fhir/Basic', { ...basic('', 'x'), id: undefined })).body;
  await admin.remove(`/fhir/Basic/${id}`);
  const answer = await admin.get(`/fhir/Basic/${id}/_history`);
  assert.equal(answer.body.total, 2);
  assert.equal(answer.body.entry?.[1]?.request?.method, 'POST');
  assert.equal(answer.body.entry?.[1]?.request?.url, 'Basic');
});

test('pages of a record’s history hold each version once, also while it changes', async () => {
  const url = '/fhir/Basic/busy';
  for (let n = 1; n <= 10; n += 1) await admin.put(url, basic('busy', `v${n}`));
  const update = (page: number) => admin.put(url, basic('busy', `while ${page}`));
  const entries = await pages(`${url}/_history?_count=3`, update);
  assert.deepEqual(entries.map(versionOf), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('pages of a type’s history hold each version once, also while others write', async () => {
  const ids = Array.from({ length: 8 }, (_, n) => `d${n}`);
  const media = (id: string, status: string) => ({
    ...{ resourceType: 'Device', id, status },
  });
  for (const id of ids) await admin.put(`/fhir/Device/${id}`, media(id, 'active'));
  for (const id of ids) await admin.put(`/fhir/Device/${id}`, media(id, 'inactive'));
  await admin.remove('/fhir/Device/d3');
  const before = ids.flatMap((id) => [`${id}/1`, `${id}/2`]).concat('d3/3');
  const entries = await pages('/fhir/Device/_history?_count=4', (page) =>
    Promise.all([
      admin.put(`/fhir/Device/d${page}`, media(`d${page}`, 'unknown')),
      admin.post('/fhir/Device', { resourceType: 'Device', status: 'active' }),
    ]),
  );
  const seen = entries.map((one) => `${/[^/]+$/.exec(one.fullUrl ?? '')?.[0]}/${versionOf(one)}`);
  assert.deepEqual([...seen].sort(), [...before].sort());
  const times = entries.map(({ response }) => response.lastModified ?? '');
  assert.deepEqual(times, [...times].sort().reverse());
});

test('_since leaves out what is older; what is no instant is refused', async () => {
  const url = '/fhir/Basic/since';
  await admin.put(url, basic('since', 'a'));
  const second = await admin.put(url, basic('since', 'b'));
  const since = encodeURIComponent(second.body.meta.lastUpdated);
  const answer = await admin.get(`${url}/_history?_since=${since}`);
  assert.equal(answer.body.total, 1);
  assert.deepEqual((answer.body.entry ?? []).map(versionOf), [2]);
  for (const value of [
    'yesterday',
    '%2B275760-09-13T00:00:00Z',
    '-100000-01-01',
    '1',
    '2020-13-01',
    '0000',
  ]) {
    const refused = await admin.get(`${url}/_history?_since=${value}`);
    assert.equal(refused.status, 400, value);
  }
  for (const early of ['2020-01-01', '0001', '0001-01-01T00:00:00%2B14:00']) {
    assert.equal((await admin.get(`${url}/_history?_since=${early}`)).body.total, 2);
  }
  const late = await admin.get(`${url}/_history?_since=9999-12-31T23:59:59-12:00`);
  assert.equal(late.body.total, 0);
  assert.equal((await admin.get(`${url}/_history?colour=blue`)).status, 400);
  assert.equal((await admin.get(`${url}/_history?_count=99999999`)).status, 400);
});

test('a history’s cursor opens neither another history nor another’s', async () => {
  const url = '/fhir/Basic/one/_history?_count=1';
  const next = linkOf(await admin.get(url), 'next') ?? '';
  assert.equal((await admin.get(next)).status, 200);
  assert.equal((await admin.get(next.replace('/one/', '/busy/'))).status, 400);
  const doctor = await r.asker(tenant, 'doctor');
  assert.equal((await doctor.get(url)).status, 200);
  const stolen = await doctor.get(next);
  assert.equal(stolen.status, 400);
  assert.equal(stolen.body.issue[0]?.details.coding?.[0]?.code, 'CURSOR_INVALID');
});

test('a patient reads the versions that were theirs, when others were somebody else’s', async () => {
  for (const id of ['ann', 'bob']) {
    await admin.put(`/fhir/Patient/${id}`, { resourceType: 'Patient', id, active: true });
  }
  const url = '/fhir/Observation/mixed-up';
  const of = (patient: string) => ({
    ...{ resourceType: 'Observation', id: 'mixed-up', status: 'final', code: { text: patient } },
    subject: { reference: `Patient/${patient}` },
  });
  await admin.put(url, of('ann'));
  await admin.put(url, of('bob'));
  const [ann, bob] = [
    await r.asker(tenant, 'patient', 'ann'),
    await r.asker(tenant, 'patient', 'bob'),
  ];
  const seen = async (asker: Asker, path: string) => {
    const answer = await asker.get(path);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(
      answer.body.total ?? answer.body.entry?.length ?? 0,
      answer.body.entry?.length ?? 0,
    );
    return (answer.body.entry ?? []).map(versionOf);
  };
  assert.deepEqual(await seen(bob, `${url}/_history`), [2]);
  assert.deepEqual(await seen(bob, '/fhir/Observation/_history'), [2]);
  assert.deepEqual(await seen(ann, '/fhir/Observation/_history'), [1]);
  assert.equal((await ann.get(url)).status, 404);
  assert.equal((await bob.get(`${url}/_history/1`)).status, 404);
});
