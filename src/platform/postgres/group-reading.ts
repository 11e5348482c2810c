import { Problem } from '../problem.ts';
import type { Database, Transaction } from './database.ts';
import { sql } from './sql.ts';

/**
 * Reads that begin while others are on their way share the next transaction: one BEGIN, one COMMIT
 * and one write to the socket for all, where each alone takes three. `work` only reads, and may be
 * called a second time, alone: when one statement fails, those behind it fail too.
 *
 * A statement that takes longer than 10 s is cut off (57014).
 *
 * `shape`: what reads of about the same cost have in common. One that took too long among others
 * goes alone from then on.
 */
export type GroupReading = {
  read<T>(tenant: number, shape: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
};

/** Transactions on their way per tenant. */
const IN_FLIGHT = 2;
const PER_TRANSACTION = 32;
/** One on its way for longer holds up no other: it keeps its connection, not its place. */
const LONG_MS = 50;
/** Others wait behind a statement: one that takes longer is begun again alone. */
const amongOthers = sql`set local statement_timeout = '250ms'`;
/** What a person waits for an answer. */
const byItself = sql`set local statement_timeout = '10s'`;
const ALONE_FOR_MS = 600_000;
/** Shapes that go alone: no caller can make the list longer. */
const SLOW_SHAPES = 1_000;

export type BegunAgain = (because: 'slow' | 'failed') => void;

type Work = (tx: Transaction) => Promise<unknown>;

type Waiting = {
  readonly shape: string;
  readonly work: Work;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

type Lane = { waiting: Waiting[]; running: number; scheduled: boolean };

/** `begunAgain` is told of each read done a second time, alone, and why. */
export function openGroupReading(database: Database, begunAgain: BegunAgain): GroupReading {
  const groups = new Groups(database, begunAgain);
  return { read: (tenant, shape, work) => groups.read(tenant, shape, work) };
}

class Groups {
  readonly #database: Database;
  readonly #begunAgain: BegunAgain;
  readonly #lanes = new Map<number, Lane>();
  readonly #slow = new Map<string, number>();

  constructor(database: Database, begunAgain: BegunAgain) {
    this.#database = database;
    this.#begunAgain = begunAgain;
  }

  read<T>(tenant: number, shape: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    if ((this.#slow.get(shape) ?? 0) > Date.now()) return this.#apart(tenant, work);
    return new Promise<T>((resolve, reject) => {
      const lane = this.#lanes.get(tenant) ?? { waiting: [], running: 0, scheduled: false };
      this.#lanes.set(tenant, lane);
      // Resolved with what this very work returned.
      lane.waiting.push({ shape, work, resolve: resolve as Waiting['resolve'], reject });
      this.#schedule(tenant, lane);
    });
  }

  /** After the requests that arrived in this turn of the event loop: they belong together. */
  #schedule(tenant: number, lane: Lane): void {
    if (lane.scheduled || lane.running >= IN_FLIGHT) return;
    lane.scheduled = true;
    setImmediate(() => {
      lane.scheduled = false;
      const group = lane.waiting.splice(0, PER_TRANSACTION);
      if (group.length > 0) this.#start(tenant, lane, group);
    });
  }

  #start(tenant: number, lane: Lane, group: readonly Waiting[]): void {
    lane.running += 1;
    const release = once(() => {
      lane.running -= 1;
      if (lane.waiting.length > 0) this.#schedule(tenant, lane);
      else if (lane.running === 0 && !lane.scheduled) this.#lanes.delete(tenant);
    });
    const long = setTimeout(release, LONG_MS).unref();
    void this.#together(tenant, group).finally(() => {
      clearTimeout(long);
      release();
    });
    if (lane.waiting.length > 0) this.#schedule(tenant, lane);
  }

  /** Each is answered as soon as its own statements are, not when the slowest is. */
  async #together(tenant: number, group: readonly Waiting[]): Promise<void> {
    const [only] = group;
    if (group.length === 1 && only !== undefined) return this.#alone(tenant, only);
    const open = new Set(group);
    const reading = this.#database.transaction(tenant, async (tx) => {
      await Promise.all([tx.run(amongOthers), ...group.map((one) => this.#answer(tx, one, open))]);
    });
    // What was read is read, whatever becomes of COMMIT; the others are begun again alone, and
    // what stopped them then is told to them.
    await reading.catch(() => undefined);
    await Promise.all([...open].map((one) => this.#alone(tenant, one)));
  }

  async #answer(tx: Transaction, one: Waiting, open: Set<Waiting>): Promise<void> {
    try {
      one.resolve(await one.work(tx));
      open.delete(one);
    } catch (error) {
      if (error instanceof Problem && error.kind.status < 500) {
        open.delete(one);
        one.reject(error);
      }
      if (open.has(one)) this.#begunAgain(isTimeout(error) ? 'slow' : 'failed');
      if (!isTimeout(error)) return;
      if (this.#slow.size >= SLOW_SHAPES) this.#slow.clear();
      this.#slow.set(one.shape, Date.now() + ALONE_FOR_MS);
    }
  }

  #alone(tenant: number, { work, resolve, reject }: Waiting): Promise<void> {
    return this.#apart(tenant, work).then(resolve, reject);
  }

  #apart<T>(tenant: number, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#database.transaction(tenant, async (tx) => {
      const [, result] = await Promise.all([tx.run(byItself), work(tx)]);
      return result;
    });
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014';
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
