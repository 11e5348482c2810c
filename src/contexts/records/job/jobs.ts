import { randomUUID } from 'node:crypto';
import type { Access } from '#access';
import type { Identity } from '#identity';
import type { Phi } from '#phi';
import type { Log } from '../../../platform/log.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { makeDue } from './due.ts';
import { type Job, jobKinds } from './job.ts';
import { jobFrom, type StatusRow, sealJob, statusColumns } from './job-row.ts';
import type { Runner } from './runner.ts';
import { Workshop } from './workshop.ts';

export type JobParts = {
  readonly database: Database;
  readonly phi: Phi;
  readonly access: Access;
  readonly log: Log;
  readonly now: () => Date;
  /** Who the caller is when their job begins: they may have left since they asked. */
  readonly standing: Identity['standing'];
  /** By kind; a kind once used keeps its runner as long as such jobs may lie in the table. */
  readonly runners: ReadonlyMap<string, Runner>;
};

/** Durable work of a tenant, done by whichever process is free (docs/decisions/0005-jobs.md). */
export type Jobs = {
  /**
   * Begins soon, here or in another process. `asked` is JSON and lies sealed. Refuses with 429 when
   * the caller, or their tenant, has as many open as they may have. Returns the job's id.
   */
  submit(caller: Caller, order: { kind: string; asked: unknown }): Promise<string>;
  /** undefined: there is none, or it is somebody else's and the caller is no admin. */
  find(caller: Caller, id: string): Promise<Job | undefined>;
  /** Ends it and deletes what it made; false as for `find`. */
  cancel(caller: Caller, id: string): Promise<boolean>;
  /** Takes up what other processes have left, and removes what is expired. */
  start(): void;
  /** What can be taken up again waits for the next process; the rest is let end. */
  stop(): Promise<void>;
};

/** A day to fetch what was made. */
export const KEPT_HOURS = 24;
const OPEN_PER_OWNER = 10;
const OPEN_PER_TENANT = 100;

export function openJobs(parts: JobParts): Jobs {
  const workshop = new Workshop(parts);
  return {
    async submit(caller, order) {
      const { tenant } = caller.principal;
      const id = await parts.database.transaction(tenant, async (tx) => {
        await requireRoom(tx, caller.principal.id);
        const own = (await parts.phi.keys(tx, [0n], 'refuse')).of(0n);
        const made = randomUUID();
        const now = parts.now();
        const expires = new Date(now.getTime() + KEPT_HOURS * 3_600_000);
        const asked = sealJob(own, made, 'asked', { caller, asked: order.asked });
        await tx.run(sql`insert into records.job
            (tenant, id, owner, kind, state, created_at, expires_at, asked)
          values (${tenant}, ${made}::uuid, ${caller.principal.id}::uuid, ${order.kind}, 'waiting',
            ${now.toISOString()}::timestamptz, ${expires.toISOString()}::timestamptz, ${asked})`);
        await makeDue(tx);
        return made;
      });
      workshop.wake(tenant);
      return id;
    },
    find: (caller, id) => find(parts, caller, id),
    async cancel(caller, id) {
      const job = await find(parts, caller, id);
      if (job === undefined) return false;
      const { tenant } = caller.principal;
      const now = parts.now().toISOString();
      await parts.database.transaction(tenant, async (tx) => {
        await tx.run(sql`update records.job set state = 'cancelled', expires_at = ${now}::timestamptz
          where id = ${id}::uuid`);
        await makeDue(tx);
      });
      workshop.abort(id);
      workshop.wake(tenant);
      return true;
    },
    start: () => workshop.start(),
    stop: () => workshop.stop(),
  };
}

async function requireRoom(tx: Parameters<typeof makeDue>[0], owner: string): Promise<void> {
  const open = await tx.row<{ all: bigint; own: bigint }>(sql`
    select count(*) as all, count(*) filter (where owner = ${owner}::uuid) as own
      from records.job where state in ('waiting', 'running')`);
  const own = Number(open?.own ?? 0n);
  if (own < OPEN_PER_OWNER && Number(open?.all ?? 0n) < OPEN_PER_TENANT) return;
  refuse(
    jobKinds.tooMany,
    `${own} of your jobs are not done yet: wait for one, or cancel it (DELETE its address).`,
    { headers: { 'retry-after': '30' } },
  );
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function find(parts: JobParts, caller: Caller, id: string): Promise<Job | undefined> {
  if (!uuid.test(id)) return undefined;
  const { tenant } = caller.principal;
  return parts.database.transaction(tenant, async (tx) => {
    const row = await tx.row<StatusRow>(
      sql`select ${statusColumns} from records.job where id = ${id}::uuid and state <> 'cancelled'`,
    );
    if (row === undefined || row.expires_at <= parts.now()) return undefined;
    const mine = row.owner === caller.principal.id;
    if (!mine && !parts.access.permits(caller.principal, 'admin.jobs')) return undefined;
    return jobFrom((await parts.phi.keys(tx, [0n], 'refuse')).of(0n), row);
  });
}
