import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../../../../test/records.ts';
import { openLog } from '../../../platform/log.ts';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { type Job, jobKinds } from './job.ts';
import { type Jobs, openJobs } from './jobs.ts';
import type { Runner, Work } from './runner.ts';

let r: TestRecords;
let tenant: number;
const open: Jobs[] = [];

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('jobs clinic');
});
after(async () => {
  await Promise.all(open.map((one) => one.stop()));
  await r.close();
});

const left = '44444444-4444-4444-8444-444444444444';
const owner = '11111111-1111-4111-8111-111111111111';
function caller(id = owner, roles: string[] = ['doctor'], of = tenant): Caller {
  const principal = { tenant: of, kind: 'user', id, roles, session: 's' } as const;
  return { principal, ip: '127.0.0.1', agent: 'test', correlation: 'c', purpose: 'TREAT' };
}

function jobsOf(runners: Record<string, Runner>, aheadMs = 0): Jobs {
  const { database } = r.t;
  const { phi, access } = r.app;
  const now = () => new Date(Date.now() + aheadMs);
  const made = openJobs({
    ...{ database, phi, access, now, log: openLog('silent') },
    standing: async (holder) => (holder.id === left ? undefined : { ...holder, roles: ['doctor'] }),
    runners: new Map(Object.entries(runners)),
  });
  open.push(made);
  return made;
}

const runner = (run: Runner['run'], more: Partial<Runner> = {}): Runner => ({
  resumes: true,
  run,
  ...more,
});

async function until(
  jobs: Jobs,
  id: string,
  what: (job: Job) => boolean,
  by = caller(),
): Promise<Job> {
  for (let turn = 0; turn < 400; turn += 1) {
    const job = await jobs.find(by, id);
    if (job !== undefined && what(job)) return job;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('it never became so');
}

/** Runs until it is aborted. */
function hanging(begun: (work: Work) => void): Runner['run'] {
  return (work) =>
    new Promise((_, reject) => {
      begun(work);
      work.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
}

test('a job is done once, and its owner gets what it made', async () => {
  let runs = 0;
  const jobs = jobsOf({
    double: runner(async ({ asked, caller: by }) => {
      runs += 1;
      return { twice: Number(asked) * 2, by: by.principal.id };
    }),
  });
  const id = await jobs.submit(caller(), { kind: 'double', asked: 21 });
  const job = await until(jobs, id, ({ state }) => state === 'done');
  assert.deepEqual(job.result, { twice: 42, by: owner });
  assert.equal(runs, 1);
});

test('what is asked and what comes of it stand nowhere in clear', async () => {
  const jobs = jobsOf({ echo: runner(async ({ asked }) => asked) });
  const id = await jobs.submit(caller(), { kind: 'echo', asked: { name: 'Wintermere' } });
  await until(jobs, id, ({ state }) => state === 'done');
  const [row] = await r.behind('select encode(asked || result, $1) as all from records.job', [
    'escape',
  ]);
  assert.ok(String(row?.['all']).length > 50);
  assert.ok(!String(row?.['all']).includes('Wintermere'));
});

test('nobody but the owner and an admin of the tenant sees a job', async () => {
  const jobs = jobsOf({ echo: runner(async () => 1) });
  const id = await jobs.submit(caller(), { kind: 'echo', asked: 1 });
  const other = '22222222-2222-4222-8222-222222222222';
  assert.equal(await jobs.find(caller(other), id), undefined);
  assert.equal(await jobs.cancel(caller(other), id), false);
  assert.equal((await jobs.find(caller(other, ['admin']), id))?.id, id);
  const elsewhere = await r.newTenant('another clinic');
  assert.equal(await jobs.find(caller(owner, ['admin'], elsewhere), id), undefined);
  assert.equal(await jobs.find(caller(), 'no-job'), undefined);
});

test('a refusal of the runner is told to the owner, a defect only to the log', async () => {
  const jobs = jobsOf({
    refusing: runner(async () => refuse(jobKinds.tooCostly, 'Too much.')),
    broken: runner(async () => {
      throw new Error('Wintermere');
    }),
  });
  const refused = await jobs.submit(caller(), { kind: 'refusing', asked: 1 });
  const broken = await jobs.submit(caller(), { kind: 'broken', asked: 1 });
  const one = await until(jobs, refused, ({ state }) => state === 'failed');
  assert.equal(one.problem?.kind.status, 422);
  assert.equal(one.problem?.detail, 'Too much.');
  const two = await until(jobs, broken, ({ state }) => state === 'failed');
  assert.equal(two.problem?.kind.status, 500);
  assert.ok(!two.problem?.message.includes('Wintermere'));
});

test('a job runs with no right its owner has lost, and not at all when they have left', async () => {
  const jobs = jobsOf({ roles: runner(async ({ caller: by }) => by.principal.roles) });
  const asked = { kind: 'roles', asked: 1 };
  const id = await jobs.submit(caller(owner, ['doctor', 'admin']), asked);
  assert.deepEqual((await until(jobs, id, ({ state }) => state === 'done')).result, ['doctor']);
  const gone = await jobs.submit(caller(left), asked);
  const job = await until(jobs, gone, ({ state }) => state === 'failed', caller(left));
  assert.equal(job.problem?.kind.status, 403);
});

test('a cancelled job is stopped, its traces are removed, and nobody finds it', async () => {
  const discarded: string[] = [];
  const { promise: started, resolve: begun } = Promise.withResolvers<void>();
  const jobs = jobsOf({
    long: runner(
      hanging(() => begun()),
      {
        async discard(_, id) {
          discarded.push(id);
        },
      },
    ),
  });
  const id = await jobs.submit(caller(), { kind: 'long', asked: 1 });
  await started;
  assert.equal(await jobs.cancel(caller(), id), true);
  assert.equal(await jobs.find(caller(), id), undefined);
  for (let turn = 0; turn < 200 && (await rowsOf(id)) > 0; turn += 1) await tick();
  assert.equal(await rowsOf(id), 0);
  assert.ok(discarded.includes(id));
});

async function rowsOf(id: string): Promise<number> {
  return (await r.behind('select 1 from records.job where id = $1', [id])).length;
}

async function eventually(is: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !is(); turn += 1) await tick();
  assert.ok(is(), 'it never became so');
}

const tick = () => new Promise((done) => setTimeout(done, 10));

test('a job whose process was lost is taken up by another, from what it kept', async () => {
  let lost: Work | undefined;
  const first = jobsOf({
    walk: runner(
      hanging((work) => {
        lost = work;
      }),
    ),
  });
  const id = await first.submit(caller(), { kind: 'walk', asked: 1 });
  await eventually(() => lost !== undefined);
  assert.ok(lost);
  const { keep } = lost as Work;
  await r.t.database.transaction(tenant, (tx) => keep(tx, { at: 7 }));
  // Two minutes later: the lease has run out.
  const second = jobsOf({ walk: runner(async ({ kept }) => ({ wentOnFrom: kept })) }, 120_000);
  second.start();
  const job = await until(second, id, ({ state }) => state === 'done');
  assert.deepEqual(job.result, { wentOnFrom: { at: 7 } });
  await assert.rejects(
    r.t.database.transaction(tenant, (tx) => keep(tx, { at: 8 })),
    /no longer ours/,
  );
});

test('what may not be done twice has failed when its process was lost', async () => {
  let begun = false;
  const once = {
    once: runner(
      hanging(() => {
        begun = true;
      }),
      { resumes: false },
    ),
  };
  const first = jobsOf(once);
  const id = await first.submit(caller(), { kind: 'once', asked: 1 });
  await eventually(() => begun);
  const second = jobsOf(once, 120_000);
  second.start();
  const job = await until(second, id, ({ state }) => state === 'failed');
  assert.equal(job.problem?.kind.code, 'JOB_INTERRUPTED');
});

test('a program that ends gives back what it was doing', async () => {
  let begun = false;
  const first = jobsOf({
    rest: runner(
      hanging(() => {
        begun = true;
      }),
    ),
  });
  const id = await first.submit(caller(), { kind: 'rest', asked: 1 });
  await eventually(() => begun);
  await first.stop();
  const second = jobsOf({ rest: runner(async () => 'rested') }, 2000);
  second.start();
  assert.equal((await until(second, id, ({ state }) => state === 'done')).result, 'rested');
});

test('an expired job is removed with what it made', async () => {
  const discarded: string[] = [];
  const kind = {
    short: runner(async () => 1, {
      async discard(_, id) {
        discarded.push(id);
      },
    }),
  };
  const jobs = jobsOf(kind);
  const id = await jobs.submit(caller(), { kind: 'short', asked: 1 });
  await until(jobs, id, ({ state }) => state === 'done');
  const tomorrow = jobsOf(kind, 25 * 3_600_000);
  assert.equal(await tomorrow.find(caller(), id), undefined);
  tomorrow.start();
  for (let turn = 0; turn < 200 && (await rowsOf(id)) > 0; turn += 1) await tick();
  assert.equal(await rowsOf(id), 0);
  assert.deepEqual(discarded, [id]);
});

test('a caller may have ten jobs open, and is told of the eleventh', async () => {
  const busy = '33333333-3333-4333-8333-333333333333';
  const jobs = jobsOf({ long: runner(hanging(() => undefined)) });
  for (let n = 0; n < 10; n += 1) await jobs.submit(caller(busy), { kind: 'long', asked: n });
  await assert.rejects(jobs.submit(caller(busy), { kind: 'long', asked: 10 }), {
    name: 'Problem',
    kind: jobKinds.tooMany,
  });
  await jobs.stop();
});
