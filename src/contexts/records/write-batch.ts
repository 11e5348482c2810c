import type { Caller } from '../../platform/principal.ts';
import { kinds, Problem } from '../../platform/problem.ts';
import { type Applied, type Change, selfOf } from './change.ts';
import { authorOf, persist } from './commit.ts';
import type { Store } from './store.ts';
import type { Task } from './write.ts';

/**
 * Single creates, updates and deletes that arrive while others are on their way share the next
 * transaction: one COMMIT, one round trip. Each succeeds or fails for itself.
 */
export type WriteBatch = {
  write(store: Store, caller: Caller, change: Change): Promise<Applied>;
};

/** Transactions on their way per tenant: while one waits for the disk the next one is sealed. */
const IN_FLIGHT = 2;
const PER_TRANSACTION = 64;
const BYTES_PER_TRANSACTION = 4 * 1024 * 1024;
const WAITING = 5_000;

type Waiting = {
  readonly store: Store;
  readonly task: Task;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: unknown) => void;
};

/** `busy`: records a transaction on its way writes; the next write of one waits for it. */
type Lane = { waiting: Waiting[]; busy: Set<bigint>; running: number; scheduled: boolean };

export function openWriteBatch(): WriteBatch {
  const lanes = new Map<number, Lane>();

  /** After the requests that arrived in this turn of the event loop: they belong together. */
  function schedule(tenant: number, lane: Lane): void {
    if (lane.scheduled || lane.running >= IN_FLIGHT) return;
    lane.scheduled = true;
    setImmediate(() => {
      lane.scheduled = false;
      const group = take(lane);
      // All that wait are of records on their way: their end schedules again.
      if (group.length === 0) return;
      lane.running += 1;
      void together(group).finally(() => {
        lane.running -= 1;
        for (const one of group) lane.busy.delete(selfOf(one.task.change));
        if (lane.waiting.length > 0) schedule(tenant, lane);
        else if (lane.running === 0 && !lane.scheduled) lanes.delete(tenant);
      });
      if (lane.waiting.length > 0) schedule(tenant, lane);
    });
  }

  return {
    async write(store, caller, change) {
      const { tenant } = caller.principal;
      const author = await authorOf(store, caller);
      const lane = lanes.get(tenant) ?? newLane();
      lanes.set(tenant, lane);
      if (lane.waiting.length >= WAITING) {
        throw new Problem(kinds.unavailable, 'Too many writes are waiting; try again shortly.', {
          headers: { 'retry-after': '1' },
        });
      }
      return new Promise((resolve, reject) => {
        lane.waiting.push({ store, task: { change, author }, resolve, reject });
        schedule(tenant, lane);
      });
    },
  };
}

function newLane(): Lane {
  return { waiting: [], busy: new Set(), running: 0, scheduled: false };
}

/** The first ones that concern different records and fit; the others keep their order. */
function take(lane: Lane): Waiting[] {
  const taken: Waiting[] = [];
  const kept: Waiting[] = [];
  const records = new Set(lane.busy);
  let bytes = 0;
  for (const one of lane.waiting) {
    const { change } = one.task;
    const self = selfOf(change);
    const fits =
      taken.length < PER_TRANSACTION && (taken.length === 0 || bytes < BYTES_PER_TRANSACTION);
    if (!fits || records.has(self)) {
      records.add(self);
      kept.push(one);
      continue;
    }
    records.add(self);
    lane.busy.add(self);
    bytes += sizeOf(change);
    taken.push(one);
  }
  lane.waiting = kept;
  return taken;
}

function sizeOf(change: Change): number {
  if (change.deed === 'delete') return 0;
  return change.prepared.packed.reduce((sum, part) => sum + part.bytes.length, 0);
}

/**
 * One that is refused must not take the others with it: it is left out. What fails otherwise is
 * looked for by halves, so that one bad seal costs its neighbours a dozen transactions, not 64.
 */
async function together(group: readonly Waiting[]): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const refusals = new Map<Task, unknown>();
  try {
    const tasks = group.map((one) => one.task);
    const applied = await run(first, tasks, refusals);
    for (const [index, one] of group.entries()) settle(one, applied[index], refusals.get(one.task));
  } catch (error) {
    // A database that is away, or a COMMIT in doubt, is everybody's; the rest is somebody's own.
    const shared = error instanceof Problem && error.kind.code === kinds.unavailable.code;
    if (shared || group.length === 1) for (const one of group) one.reject(error);
    else {
      const half = group.length >> 1;
      await together(group.slice(0, half));
      await together(group.slice(half));
    }
  }
}

function run(
  { store, task }: Waiting,
  tasks: readonly Task[],
  refusals: Map<Task, unknown>,
): Promise<(Applied | undefined)[]> {
  return persist(store, task.author.caller, (_tx, apply) => {
    refusals.clear();
    const refused = (refusedTask: Task, error: unknown) => refusals.set(refusedTask, error);
    return apply(tasks, { last: true, refused });
  });
}

function settle(one: Waiting, applied: Applied | undefined, refusal: unknown): void {
  if (applied !== undefined) one.resolve(applied);
  else one.reject(refusal ?? new Error('a change without an outcome'));
}
