import { asProblem } from '../../../platform/http/problem-body.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import { Problem, refuse } from '../../../platform/problem.ts';
import { makeDue } from './due.ts';
import { JobLost, jobKinds, writtenProblem } from './job.ts';
import { changeHeld, type JobRow, openJob, sealJob } from './job-row.ts';
import type { JobParts } from './jobs.ts';
import type { Work } from './runner.ts';

/** A process not heard of for so long is taken for dead. */
export const LEASE_MS = 60_000;
const HEARTBEAT_MS = 10_000;
/** One that takes its process with it must not do so for ever. */
const ATTEMPTS = 3;
/** How often progress is written down at most; what nobody asks for costs a statement too. */
const PROGRESS_MS = 1_000;
/** Characters of progress. */
const PROGRESS = 200;

type Held = { tenant: number; holder: string; row: JobRow; abort: AbortController };

/** Does one claimed job to its end and writes down what came of it; never throws. */
export async function workOn(parts: JobParts, held: Held): Promise<void> {
  const { row, abort } = held;
  const beat = heartbeat(parts, held);
  try {
    const result = await run(parts, held, beat.progress);
    await settle(parts, held, 'done', result);
  } catch (error) {
    await failed(parts, held, error).catch((err: unknown) => {
      // Its lease runs out and another process takes it up.
      parts.log.error({ err, job: row.id }, 'what came of a job could not be written down');
    });
  } finally {
    beat.end();
    abort.abort();
  }
}

async function run(parts: JobParts, held: Held, progress: Work['progress']): Promise<unknown> {
  const { tenant, row, abort } = held;
  const runner = parts.runners.get(row.kind);
  if (runner === undefined) {
    return refuse(jobKinds.interrupted, `This version knows no job of the kind ${row.kind}.`);
  }
  if (row.attempts > (runner.resumes ? ATTEMPTS : 1)) {
    return refuse(
      jobKinds.interrupted,
      runner.resumes
        ? `The job was interrupted ${ATTEMPTS} times; ask again.`
        : 'The job was interrupted; whether it was done is not known. Look before you ask again.',
    );
  }
  const key = await ownKey(parts, tenant);
  const { caller, asked } = Object(openJob(key, { id: row.id, sealed: row.asked }, 'asked')) as {
    caller: Caller;
    asked: unknown;
  };
  return runner.run({
    ...{
      id: row.id,
      caller: await asNow(parts, caller),
      asked,
      kept: openJob(key, { id: row.id, sealed: row.kept }, 'kept'),
      signal: abort.signal,
    },
    progress,
    async keep(tx, kept) {
      const sealed = sealJob(key, row.id, 'kept', kept);
      if (!(await changeHeld(tx, idOf(held), sql`kept = ${sealed}`))) throw new JobLost();
    },
  });
}

/** No role they did not have when they asked, and none that was taken since. */
async function asNow({ standing }: JobParts, caller: Caller): Promise<Caller> {
  const { principal } = caller;
  const now = await standing(principal);
  if (now === undefined) refuse(jobKinds.authorizationDenied, 'The account is disabled.');
  const roles = principal.roles.filter((role) => now.roles.includes(role));
  return { ...caller, principal: { ...principal, roles } };
}

function heartbeat(parts: JobParts, held: Held) {
  let text = '';
  let told = Number.NEGATIVE_INFINITY;
  const beat = async () => {
    told = performance.now();
    const until = new Date(parts.now().getTime() + LEASE_MS).toISOString();
    const change = sql`lease_until = ${until}::timestamptz, progress = ${text}`;
    const ours = await inTenant(parts, held, (tx) => changeHeld(tx, idOf(held), change));
    if (!ours) held.abort.abort();
  };
  const tell = () =>
    void beat().catch((err: unknown) =>
      parts.log.warn({ err, job: held.row.id }, 'a job could not tell that it lives'),
    );
  const timer = setInterval(tell, HEARTBEAT_MS).unref();
  return {
    progress(next: string) {
      text = next.slice(0, PROGRESS);
      if (performance.now() - told >= PROGRESS_MS) tell();
    },
    end: () => clearInterval(timer),
  };
}

async function settle(
  parts: JobParts,
  held: Held,
  state: 'done' | 'failed',
  result: unknown,
): Promise<void> {
  const sealed = sealJob(await ownKey(parts, held.tenant), held.row.id, 'result', result);
  const change = sql`state = ${state}, result = ${sealed}, lease_until = null`;
  const ours = await inTenant(parts, held, (tx) => changeHeld(tx, idOf(held), change));
  if (!ours) throw new JobLost();
}

async function failed(parts: JobParts, held: Held, error: unknown): Promise<void> {
  const { row, abort } = held;
  const runner = parts.runners.get(row.kind);
  const { reason } = abort.signal as { reason?: unknown };
  if (reason === 'stop' && runner?.resumes === true) {
    // Ours to give back: it is not its own fault, so the attempt does not count.
    const change: Sql = sql`state = 'waiting', lease_until = null, attempts = attempts - 1`;
    await inTenant(parts, held, async (tx) => {
      if (await changeHeld(tx, idOf(held), change)) await makeDue(tx);
    });
    return;
  }
  if (error instanceof JobLost || (abort.signal.aborted && reason !== 'stop')) {
    // Cancelled while it ran: what it made since must go too. Taken up elsewhere: it is theirs.
    if (await isOver(parts, held)) await runner?.discard?.(held.tenant, row.id);
    return;
  }
  const problem = asProblem(error);
  if (!(error instanceof Problem) || problem.kind.status >= 500) {
    parts.log.error({ err: problem.cause ?? problem, job: row.id, kind: row.kind }, 'a job failed');
  }
  await settle(parts, held, 'failed', writtenProblem(problem));
}

async function isOver(parts: JobParts, held: Held): Promise<boolean> {
  const row = await inTenant(parts, held, (tx) =>
    tx.row<{ state: string }>(sql`select state from records.job where id = ${held.row.id}::uuid`),
  );
  return row === undefined || row.state === 'cancelled';
}

function idOf({ row, holder }: Held): { id: string; holder: string } {
  return { id: row.id, holder };
}

function inTenant<T>(parts: JobParts, held: Held, work: (tx: Transaction) => Promise<T>) {
  return parts.database.transaction(held.tenant, work);
}

async function ownKey({ database, phi }: JobParts, tenant: number) {
  const cached = phi.cachedKeys(tenant, [0n]);
  const keys = cached ?? (await database.transaction(tenant, (tx) => phi.keys(tx, [0n], 'refuse')));
  return keys.of(0n);
}
