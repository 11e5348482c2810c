import type { Database } from '../../platform/postgres/database.ts';
import { kinds, Problem } from '../../platform/problem.ts';
import type { AuditEntry } from './entry.ts';
import type { Writer } from './write.ts';

/** Rows of one commit; a call's entries are never parted, so a larger call goes alone. */
const ROWS = 1_000;
/** Entries waiting per tenant: about a second of work; beyond it, say so at once. */
const WAITING = 10_000;
/** While one commit waits for the disk the next one fills; a second would halve the batches. */
const IN_FLIGHT = 1;

export type Release = {
  release(tenant: number, entries: readonly AuditEntry[]): Promise<void>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
};

type Call = {
  readonly entries: readonly AuditEntry[];
  done(): void;
  failed(error: unknown): void;
};

/** Group commit: calls that arrive while a commit is on its way share the next one. */
export function openRelease(database: Database, writer: Writer): Release {
  const queues = new Map<number, Queue>();
  return {
    async release(tenant, entries) {
      if (entries.length === 0) return;
      let queue = queues.get(tenant);
      if (queue === undefined) {
        queue = new Queue((calls) => commit(database, writer, tenant, calls));
        queues.set(tenant, queue);
      }
      await queue.add(entries);
    },
    async drained() {
      await Promise.all([...queues.values()].map((queue) => queue.drained()));
    },
  };
}

async function commit(
  database: Database,
  writer: Writer,
  tenant: number,
  calls: readonly Call[],
): Promise<void> {
  try {
    const entries = calls.flatMap((call) => call.entries);
    const fresh = await database.transaction(tenant, async (tx) => {
      const made = await writer.statements(tx, entries);
      await tx.last(() => Promise.all(made.all.map((one) => tx.run(one))));
      return made.fresh;
    });
    writer.actors.adopt(tenant, fresh);
    for (const call of calls) call.done();
  } catch (error) {
    for (const call of calls) call.failed(error);
  }
}

class Queue {
  readonly #commit: (calls: readonly Call[]) => Promise<void>;
  #calls: Call[] = [];
  #waiting = 0;
  #inFlight = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(commitCalls: (calls: readonly Call[]) => Promise<void>) {
    this.#commit = commitCalls;
  }

  add(entries: readonly AuditEntry[]): Promise<void> {
    if (this.#waiting > 0 && this.#waiting + entries.length > WAITING) {
      throw new Problem(kinds.unavailable, 'The audit log is behind; try again shortly.', {
        headers: { 'retry-after': '2' },
      });
    }
    this.#waiting += entries.length;
    return new Promise((resolve, reject) => {
      this.#calls.push({ entries, done: resolve, failed: reject });
      this.#schedule();
    });
  }

  drained(): Promise<void> {
    if (this.#calls.length === 0 && this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** After the requests that arrived in this turn of the event loop: they belong together. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= IN_FLIGHT) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    if (this.#inFlight >= IN_FLIGHT || this.#calls.length === 0) return;
    const calls = this.#take();
    this.#inFlight += 1;
    void this.#commit(calls).finally(() => {
      this.#inFlight -= 1;
      if (this.#calls.length > 0) this.#schedule();
      else if (this.#inFlight === 0) for (const tell of this.#idle.splice(0)) tell();
    });
  }

  #take(): Call[] {
    let rows = 0;
    let count = 0;
    for (const call of this.#calls) {
      if (count > 0 && rows + call.entries.length > ROWS) break;
      rows += call.entries.length;
      count += 1;
    }
    this.#waiting -= rows;
    return this.#calls.splice(0, count);
  }
}
