import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { dueOf, dueTenants, lookAgain } from './due.ts';
import { claimJob } from './job-row.ts';
import type { JobParts } from './jobs.ts';
import { LEASE_MS, workOn } from './work.ts';

/** Jobs at once in one process: one that is long must not keep a short one waiting. */
const WIDTH = 2;
/** How long a job of a lost process waits at most beyond its lease; an idle look costs 1 ms. */
const LOOK_MS = 10_000;

/** What of the jobs runs in this process. */
export type Workshop = {
  /** There may be something to do for this tenant. */
  wake(tenant: number): void;
  abort(id: string): void;
  start(): void;
  stop(): Promise<void>;
};

export function openWorkshop(parts: JobParts): Workshop {
  const holder = randomUUID();
  const running = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  const woken = new Set<number>();
  let pumping: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function wake(tenant: number): void {
    if (stopped) return;
    woken.add(tenant);
    pumping ??= pump().finally(() => {
      pumping = undefined;
      const [next] = woken;
      if (next !== undefined && running.size < WIDTH) wake(next);
    });
  }

  async function pump(): Promise<void> {
    while (running.size < WIDTH && !stopped) {
      const [tenant] = woken;
      if (tenant === undefined) return;
      woken.delete(tenant);
      try {
        if (await takeOne(tenant)) woken.add(tenant);
      } catch (err) {
        // The next look, within LOOK_MS, tries again.
        parts.log.error({ err, tenant }, 'jobs could not be looked at');
      }
    }
  }

  async function takeOne(tenant: number): Promise<boolean> {
    const now = parts.now();
    const until = new Date(now.getTime() + LEASE_MS);
    const row = await parts.database.transaction(tenant, (tx) =>
      claimJob(tx, { holder, now, until }),
    );
    if (row === undefined) {
      await tidy(tenant);
      return false;
    }
    const abort = new AbortController();
    const ended = workOn(parts, { tenant, holder, row, abort }).finally(() => {
      running.delete(row.id);
      wake(tenant);
    });
    running.set(row.id, { abort, ended });
    return true;
  }

  /** Removes what is expired, files first: a row that is gone could not name them any more. */
  async function tidy(tenant: number): Promise<void> {
    const at = parts.now().toISOString();
    await parts.database.transaction(tenant, async (tx) => {
      const due = await dueOf(tx);
      const rows = await expired(tx, at);
      for (const { id, kind } of rows) await parts.runners.get(kind)?.discard?.(tenant, id);
      const ids = rows.map(({ id }) => id).join(',');
      await tx.run(sql`delete from records.job
        where id = any(string_to_array(${ids}, ',')::uuid[])`);
      if (due !== undefined) await lookAgain(tx, due);
    });
  }

  function look(): void {
    dueTenants(parts.database, parts.now()).then(
      (due) => {
        for (const { tenant } of due) wake(tenant);
      },
      (err: unknown) => parts.log.warn({ err }, 'jobs of other processes could not be looked for'),
    );
  }

  return {
    wake,
    abort: (id) => running.get(id)?.abort.abort(),
    start() {
      look();
      timer ??= setInterval(look, LOOK_MS).unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      // What it is just claiming is given back with the others.
      await pumping;
      for (const { abort } of running.values()) abort.abort('stop');
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

/** Jobs removed in one transaction. */
const MOST_EXPIRED = 100;

async function expired(tx: Transaction, at: string): Promise<{ id: string; kind: string }[]> {
  return tx.rows(sql`select id, kind from records.job
    where expires_at <= ${at}::timestamptz and state <> 'running'
    order by expires_at limit ${MOST_EXPIRED} for update skip locked`);
}
