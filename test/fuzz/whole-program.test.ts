import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type TestRecords, testRecords } from '../records.ts';
import { randomRequest } from './random-request.ts';
import { randomAt, runs, seed } from './seed.ts';
import { endures, send, shown } from './trial.ts';

let r: TestRecords;
let admin: Asker;

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
});
after(() => r.close());

/** The record that most requests are about: some of them delete it. */
async function revive(): Promise<void> {
  const known = { resourceType: 'Patient', id: 'known.1', name: [{ given: ['Ann', 'Bee'] }] };
  const { status } = await admin.put('/fhir/Patient/known.1', known);
  assert.ok(status < 300, String(status));
}

/** What only a write may change. */
async function written(): Promise<unknown> {
  const counts = ['resource', 'version', 'token', 'reference', 'period', 'quantity', 'idempotency']
    .map((table) => `(select count(*) from records.${table})`)
    .join(', ');
  return Object.values((await r.behind(`select array[${counts}]::text[] as counts`))[0] ?? {});
}

test('whatever is asked, it is answered or refused with a reason, and a refusal writes nothing', async (t) => {
  t.diagnostic(`seed ${seed}`);
  let state: unknown;
  for (let index = 0; index < runs; index += 1) {
    if (index % 20 === 0) {
      await revive();
      state = await written();
    }
    const request = randomRequest(randomAt(index, 1));
    const at = `seed ${seed}, request ${index}`;
    const { status } = await endures(r, admin.token, request).catch((error: unknown) => {
      throw new Error(`${at}: ${String(error)}`, { cause: error });
    });
    const now = await written();
    if (status >= 400) assert.deepEqual(now, state, `${at}: ${status} wrote\n${shown(request)}`);
    state = now;
  }
  assert.equal(
    (await send(r, admin.token, { method: 'GET', url: '/health', headers: {} })).status,
    200,
  );
});
