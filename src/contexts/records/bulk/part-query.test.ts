import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../../../../test/records.ts';
import type { PartOrder } from './part.ts';
import { partQuery } from './part-query.ts';

let r: TestRecords;
let admin: Asker;
before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('instant clinic'), 'admin');
});
after(() => r.close());

const basic = (id: string, text: string) => ({ resourceType: 'Basic', id, code: { text } });
const tick = () => new Promise((done) => setTimeout(done, 5));

async function seen(order: Partial<PartOrder>): Promise<string[]> {
  const whole = { type: 'Basic', low: 0n, high: 2n ** 62n, others: ['clinical'], ...order };
  const rows = await r.behind(partQuery({ ...whole } as PartOrder, undefined));
  return rows.map(({ id, version }) => `${id}/${version}`).sort();
}

test('records are as they were at the instant, whatever became of them later', async () => {
  for (const id of ['same', 'changed', 'removed', 'old']) {
    await admin.put(`/fhir/Basic/${id}`, basic(id, '1'));
  }
  await admin.put('/fhir/Basic/changed', basic('changed', '2'));
  await admin.remove('/fhir/Basic/old');
  await tick();
  const at = Date.now();
  await tick();
  await admin.put('/fhir/Basic/changed', basic('changed', '3'));
  await admin.put('/fhir/Basic/changed', basic('changed', '4'));
  await admin.remove('/fhir/Basic/removed');
  await admin.put('/fhir/Basic/old', basic('old', 'again'));
  await admin.put('/fhir/Basic/new', basic('new', '1'));
  assert.deepEqual(await seen({ at }), ['changed/2', 'removed/1', 'same/1']);
  const later = await seen({ at: Date.now() + 1 });
  assert.deepEqual(later, ['changed/4', 'new/1', 'old/3', 'same/1']);
  assert.deepEqual(await seen({ at: Date.now() + 1, since: at }), ['changed/4', 'new/1', 'old/3']);
  assert.deepEqual(await seen({ at: Date.now() + 1, until: at }), ['same/1']);
});

test('who sees only their own record gets nobody’s and no other’s', async () => {
  const at = Date.now() + 1;
  const own = { own: { subject: 5n, groups: ['clinical' as const] } };
  const order = { type: 'Basic', low: 0n, high: 2n ** 62n, at, ...own } as unknown as PartOrder;
  assert.deepEqual(await r.behind(partQuery(order, undefined)), []);
});
