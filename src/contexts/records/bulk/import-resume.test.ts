import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../../../../test/records.ts';
import type { Caller } from '../../../platform/principal.ts';
import type { Work } from '../job/runner.ts';
import { newSecret, openAnswerFolder } from './answer-folder.ts';
import { importRunner } from './import.ts';
import type { FileAnswer } from './manifest.ts';

let r: TestRecords;
let tenant: number;
before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('resumed import clinic');
});
after(() => r.close());

const upload = '22222222-2222-4222-8222-222222222222';
const secret = newSecret();

async function* text(): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < 250; n += 1) {
    yield Buffer.from(`{"resourceType":"Basic","code":{"text":"number ${n}"}}\n`);
  }
}

async function imported(id: string): Promise<FileAnswer> {
  const folder = openAnswerFolder(r.folder);
  await folder.prepare(tenant, upload);
  const place = { tenant, job: upload, name: 'input', secret };
  const bytes = await folder.writeText(place, text());
  const principal = { tenant, kind: 'client', id, roles: ['integration'], session: 's' } as const;
  const caller: Caller = { principal, ip: '::1', agent: 't', correlation: 'c', purpose: 'TREAT' };
  const asked = { request: 'x', inputs: [{ from: 'upload', bytes }], upload, secret };
  const work: Work = {
    ...{ id, caller, asked, kept: undefined, signal: new AbortController().signal },
    progress: () => undefined,
    keep: async () => undefined,
  };
  const { store } = r.app.records;
  return (await importRunner({ store, folder }).run(work)) as FileAnswer;
}

async function stored(): Promise<number> {
  const rows = await r.behind('select 1 from records.resource where tenant = $1', [tenant]);
  return rows.length;
}

test('an import that is begun again stores nothing twice, another one does', async () => {
  const id = '33333333-3333-4333-8333-333333333333';
  await imported(id);
  assert.equal(await stored(), 250);
  // As after a crash before anything was kept: from the first line, under the same job.
  const again = await imported(id);
  assert.equal(await stored(), 250);
  assert.deepEqual(
    again.files.filter(({ list }) => list === 'error'),
    [],
  );
  await imported('44444444-4444-4444-8444-444444444444');
  assert.equal(await stored(), 500);
});
