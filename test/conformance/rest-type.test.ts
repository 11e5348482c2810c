import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
});
after(() => r.close());

type Resource = { resourceType: string };

/** One of each type of R4, with no more than its definition asks for. */
async function minimal(): Promise<Resource[]> {
  const text = await readFile(new URL('./minimal-resource.ndjson', import.meta.url), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Resource]));
}

/** Create, read, search, update, history, XML there and back, delete, read again: statuses. */
async function life(resource: Resource): Promise<string> {
  const type = `/fhir/${resource.resourceType}`;
  const made = await call('POST', type, { body: resource });
  if (made.status !== 201) return `${made.status} ${made.text}`;
  const { id } = made.body;
  const url = `${type}/${id}`;
  const read = await call('GET', url);
  const found = await call('GET', `${type}?_id=${id}`);
  const updated = await call('PUT', url, { body: { ...resource, id, language: 'en' } });
  const history = await call('GET', `${url}/_history`);
  const xml = await call('GET', `${url}?_format=xml`);
  const headers = { 'content-type': 'application/fhir+xml' };
  const same = await call('PUT', url, { body: xml.text, headers });
  const after = await call('GET', url);
  const { meta: _meta, ...content } = after.body;
  assert.deepEqual(content, { ...resource, id, language: 'en' });
  const gone = await call('DELETE', url);
  const last = await call('GET', url);
  const totals = [found.body.total, history.body.total];
  return [read.status, updated.status, same.status, gone.status, last.status, ...totals].join(' ');
}

test('each of the 146 types lives: made, read, found, updated in JSON and XML, deleted', async () => {
  const all = await minimal();
  assert.equal(new Set(all.map(({ resourceType }) => resourceType)).size, 146);
  const wrong: string[] = [];
  for (const one of all) {
    const lived = await life(one);
    if (lived !== '200 200 200 204 410 1 2') wrong.push(`${one.resourceType}: ${lived}`);
  }
  assert.deepEqual(wrong, []);
});
