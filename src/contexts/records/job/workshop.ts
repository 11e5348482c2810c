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

type Running = { readonly abort: AbortController; readonly ended: Promise<void> };

/** What of the jobs runs in this process. */
export class Workshop {
  readonly #parts: JobParts;
  readonly #holder = randomUUID();
  readonly #running = new Map<string, Running>();
  readonly #woken = new Set<number>();
  #pumping: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: JobParts) {
    this.#parts = parts;
  }

  /** There may be something to do for this tenant. */
  wake(tenant: number): void {
    if (this.#stopped) return;
    this.#woken.add(tenant);
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      const [next] = this.#woken;
      if (next !== undefined && this.#running.size < WIDTH) this.wake(next);
    });
  }

  abort(id: string): void {
    this.#running.get(id)?.abort.abort();
  }

  start(): void {
    this.#look();
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    // What it is just claiming is given back with the others.
    await this.#pumping;
    for (const { abort } of this.#running.values()) abort.abort('stop');
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  async #pump(): Promise<void> {
    while (this.#running.size < WIDTH && !this.#stopped) {
      const [tenant] = this.#woken;
      if (tenant === undefined) return;
      this.#woken.delete(tenant);
      try {
        if (await this.#takeOne(tenant)) this.#woken.add(tenant);
      } catch (err) {
        // The next look, within LOOK_MS, tries again.
        this.#parts.log.error({ err, tenant }, 'jobs could not be looked at');
      }
    }
  }

  async #takeOne(tenant: number): Promise<boolean> {
    const { database, now } = this.#parts;
    const at = now();
    const until = new Date(at.getTime() + LEASE_MS);
    const holder = this.#holder;
    const row = await database.transaction(tenant, (tx) =>
      claimJob(tx, { holder, now: at, until }),
    );
    if (row === undefined) {
      await this.#tidy(tenant);
      return false;
    }
    const abort = new AbortController();
    const ended = workOn(this.#parts, { tenant, holder, row, abort }).finally(() => {
      this.#running.delete(row.id);
      this.wake(tenant);
    });
    this.#running.set(row.id, { abort, ended });
    return true;
  }

  /** Removes what is expired, files first: a row that is gone could not name them any more. */
  async #tidy(tenant: number): Promise<void> {
    const { database, runners, now } = this.#parts;
    const at = now().toISOString();
    await database.transaction(tenant, async (tx) => {
      const due = await dueOf(tx);
      const rows = await expired(tx, at);
      for (const { id, kind } of rows) await runners.get(kind)?.discard?.(tenant, id);
      const ids = rows.map(({ id }) => id).join(',');
      await tx.run(sql`delete from records.job
        where id = any(string_to_array(${ids}, ',')::uuid[])`);
      if (due !== undefined) await lookAgain(tx, due);
    });
  }

  #look(): void {
    const { database, now, log } = this.#parts;
    dueTenants(database, now()).then(
      (due) => {
        for (const { tenant } of due) this.wake(tenant);
      },
      (err: unknown) => log.warn({ err }, 'jobs of other processes could not be looked for'),
    );
  }
}

/** Jobs removed in one transaction. */
const MOST_EXPIRED = 100;

async function expired(tx: Transaction, at: string): Promise<{ id: string; kind: string }[]> {
  return tx.rows(sql`select id, kind from records.job
    where expires_at <= ${at}::timestamptz and state <> 'running'
    order by expires_at limit ${MOST_EXPIRED} for update skip locked`);
}
