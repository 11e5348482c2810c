import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../../../../test/records.ts';
import { cutEntries } from './cut-entries.ts';

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

const note = 'x'.repeat(900);
const entry = (n: number) => ({
  fullUrl: `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  resource: {
    resourceType: 'Basic',
    code: { text: `${note} [{"${n}` },
    subject: {
      reference: `urn:uuid:00000000-0000-4000-8000-${String(Math.max(0, n - 1)).padStart(12, '0')}`,
    },
  },
  request: { method: 'POST', url: 'Basic' },
});
const entries = Array.from({ length: 2000 }, (_, n) => entry(n));
const bundle = { resourceType: 'Bundle', type: 'transaction', entry: entries };

test('a Bundle is cut where its entries begin and end, whatever stands in them', async () => {
  for (const indent of [0, 2]) {
    const small = { ...bundle, entry: entries.slice(0, 5) };
    const bytes = Buffer.from(JSON.stringify(small, null, indent));
    const cut = await cutEntries(bytes);
    assert.ok(cut);
    assert.deepEqual(
      cut.entries.map(({ from, to }) => JSON.parse(bytes.toString('utf8', from, to)) as unknown),
      small.entry,
    );
    assert.equal((JSON.parse(cut.head.toString()) as { type: string }).type, 'transaction');
  }
  for (const text of [
    '{}',
    '{"entry":[]}',
    '{"entry":[{}',
    '{"x":{"entry":[1]}}',
    '[',
    '"entry":[1',
  ]) {
    assert.equal(await cutEntries(Buffer.from(text)), undefined, text);
  }
});

test('a large transaction is stored whole, and others are answered meanwhile', async () => {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const answer = await admin.post('/fhir', bundle);
  delay.disable();
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  assert.equal(answer.body.entry?.length, 2000);
  assert.ok(answer.body.entry?.every(({ response }) => response.status === '201 Created'));
  assert.equal((await admin.get('/fhir/Basic?_summary=count')).body.total, 2000);
  const last = answer.body.entry?.[1999]?.response.location?.split('/').at(-3) ?? '';
  const before = answer.body.entry?.[1998]?.response.location?.split('/').at(-3) ?? '';
  const stored = (await admin.get(`/fhir/Basic/${last}`)).body;
  assert.deepEqual(stored['subject'], { reference: `Basic/${before}` });
  // 2,000 entries are about a second of work; this machine may be busy with something else.
  assert.ok(delay.max / 1e6 < 500, `held for ${delay.max / 1e6} ms`);
});

test('an entry of a large Bundle that is refused is named, and nothing is left', async () => {
  const bad = { ...entry(1999), resource: { resourceType: 'Basic', code: 'x' } };
  const spoiled = [...entries.slice(0, 1999), bad];
  const refused = await admin.post('/fhir', { ...bundle, entry: spoiled });
  assert.equal(refused.status, 422);
  const at = refused.body.issue[0]?.expression?.[0];
  assert.ok(at?.startsWith('Bundle.entry[1999].resource'), at);
  const odd = { ...entry(3), request: { method: 'POST', url: 'Basic', colour: 'blue' } };
  const unknown = await admin.post('/fhir', { ...bundle, entry: [...entries, odd] });
  assert.equal(unknown.status, 422, unknown.text.slice(0, 300));
  const path = unknown.body.issue[0]?.expression?.[0];
  assert.ok(path?.startsWith('Bundle.entry[2000].request'), path);
  const text = JSON.stringify(bundle);
  const broken = await admin.post('/fhir', text.replace('"code":{"text"', '"code":{text'));
  assert.equal(broken.status, 400);
  const twice = text.replace('"fullUrl":', '"fullUrl":"urn:x","fullUrl":');
  assert.equal((await admin.post('/fhir', twice)).status, 400);
  assert.equal((await admin.post('/fhir', text.slice(0, -10))).status, 400);
  assert.equal((await admin.get('/fhir/Basic?_summary=count')).body.total, 2000);
});
