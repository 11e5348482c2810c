import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleOf, type TestRecords, testRecords } from '../../../../test/records.ts';
import type { Caller } from '../../../platform/principal.ts';
import type { Work } from '../job/runner.ts';
import { openAnswerFolder } from './answer-folder.ts';
import { exportRunner } from './export.ts';
import type { FileAnswer } from './manifest.ts';

let r: TestRecords;
let tenant: number;
let folder: string;
before(async () => {
  r = await testRecords();
  folder = await mkdtemp(join(tmpdir(), 'resume-'));
  tenant = await r.newTenant('resume clinic');
  const admin = await r.asker(tenant, 'admin');
  const entries = ['Basic', 'Organization', 'Location'].flatMap((type) =>
    Array.from({ length: 20 }, (_, n) => ({
      resource: { resourceType: type, id: `${type}-${n}`, ...(type === 'Basic' && { code: text }) },
      request: { method: 'PUT', url: `${type}/${type}-${n}` },
    })),
  );
  const answer = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(answer.status, 200, answer.text);
});
after(async () => {
  await r.close();
  await rm(folder, { recursive: true, force: true });
});

const text = { text: 'x' };
const job = '11111111-1111-4111-8111-111111111111';

function workOf(kept: unknown, keep: (kept: unknown) => void): Work {
  const principal = { tenant, kind: 'user', id: job, roles: ['admin'], session: 's' } as const;
  const caller: Caller = { principal, ip: '::1', agent: 't', correlation: 'c', purpose: 'TREAT' };
  const asked = { level: 'system', request: 'x', elements: [], filters: [], ignored: [] };
  return {
    ...{ id: job, caller, asked, kept, signal: new AbortController().signal },
    progress: () => undefined,
    keep: async (_, next) => keep(structuredClone(next)),
  };
}

test('an export that lost its process goes on from the parts it had made', async () => {
  const { store } = r.app.records;
  const parts = { store, folder: openAnswerFolder(folder), keyring: r.folder };
  const stages: { done: { part: string }[] }[] = [];
  const keep = (kept: unknown) => void stages.push(kept as (typeof stages)[number]);
  const whole = (await exportRunner(parts).run(workOf(undefined, keep))) as FileAnswer;
  assert.equal(
    whole.files.reduce((sum, { records }) => sum + records, 0),
    60,
  );
  const [, one] = stages;
  assert.equal(one?.done.length, 1);
  const audited = async () => (await r.audited(tenant))['record.export'] ?? 0;
  const before = await audited();
  const again: string[] = [];
  const resumed = (await exportRunner(parts).run(
    workOf(one, (kept) => again.push((kept as typeof one).done.at(-1)?.part ?? '')),
  )) as FileAnswer;
  assert.equal(again.length, 2, 'the part that was made is not made again');
  assert.ok(!again.includes(one.done[0]?.part ?? ''));
  assert.deepEqual(resumed.files, whole.files);
  assert.equal(resumed.at, whole.at);
  assert.equal((await audited()) - before, 2);
  for (const { name } of resumed.files) {
    const pieces = [];
    const place = { tenant, job, name, secret: resumed.secret };
    for await (const piece of parts.folder.read(place)) pieces.push(piece);
    assert.equal(Buffer.concat(pieces).toString('utf8').trimEnd().split('\n').length, 20);
  }
});

test('what left behind no job is swept away after two days', async () => {
  const answers = openAnswerFolder(folder);
  const place = join(folder, 'answer', String(tenant));
  await answers.sweep(new Date());
  assert.deepEqual(await readdir(place), [job]);
  await answers.sweep(new Date(Date.now() + 49 * 3_600_000));
  assert.deepEqual(await readdir(place), []);
});
