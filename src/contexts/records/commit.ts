import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { kinds, Problem, refuse } from '../../platform/problem.ts';
import { ownSubject } from './allow.ts';
import type { Applied, Change } from './change.ts';
import { definesOthers } from './definition/definition-file.ts';
import { MadeMeanwhile } from './precondition.ts';
import type { Store } from './store.ts';
import { type Author, applyChanges, type Manner, type Task } from './write.ts';

/** So often a transaction overtaken by another is begun again before the caller hears of it. */
const ATTEMPTS = 6;

/** `last`: the work sends nothing more after these changes. */
export type Apply = (changes: readonly Change[], last: boolean) => Promise<Applied[]>;

/**
 * One transaction of changes. `work` may look at the store first; it is called again, in a new
 * transaction, when another one was quicker, so that no serialization failure reaches a client.
 */
export async function commit<T>(
  store: Store,
  caller: Caller,
  work: (tx: Transaction, apply: Apply) => Promise<T>,
): Promise<T> {
  const author = await authorOf(store, caller);
  return persist(store, caller, async (tx, applyTasks) =>
    work(tx, async (changes, last) => {
      const tasks = changes.map((change) => ({ change, author }));
      const applied = await applyTasks(tasks, { last });
      return applied.map((one) => one ?? unaccounted());
    }),
  );
}

function unaccounted(): never {
  throw new Error('a change without an outcome');
}

export async function authorOf(store: Store, caller: Caller): Promise<Author> {
  // Loaded now: inside, each transaction would wait for a connection the others hold.
  await store.phi.hasher(caller.principal.tenant);
  await store.searchParameters.of(caller.principal.tenant);
  return { caller, own: await ownSubject(store, caller) };
}

type ApplyTasks = (tasks: readonly Task[], manner: Manner) => Promise<(Applied | undefined)[]>;

/** A transaction of the caller's tenant, begun again while others are quicker. */
export async function persist<T>(
  store: Store,
  { principal, correlation }: Caller,
  work: (tx: Transaction, apply: ApplyTasks) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const done: Change[] = [];
    try {
      const result = await store.database.transaction(principal.tenant, (tx) =>
        work(tx, async (tasks, manner) => {
          const applied = await applyChanges({ store, tx }, tasks, manner);
          for (const [at, { change }] of tasks.entries()) if (applied[at]) done.push(change);
          return applied;
        }),
      );
      for (const { deed } of done) store.counted(deed, 1);
      if (done.length > 0) store.counts.wrote(principal.tenant);
      if (done.some(definesOthers)) store.definitions.changed(principal.tenant);
      return result;
    } catch (error) {
      if (!mayRepeat(error) && !(attempt === 1 && isMadeMeanwhile(error))) throw error;
      if (attempt === ATTEMPTS) {
        const text = 'Other writes to the same records were quicker each time; send it again.';
        return refuse(kinds.conflict, text, { cause: error });
      }
      store.log.warn({ correlation, attempt }, 'transaction begun again');
    }
  }
}

/** Also of a Bundle's entry, whose refusal names it. */
function isMadeMeanwhile(error: unknown): boolean {
  const cause = error instanceof Problem ? error.cause : undefined;
  return error instanceof MadeMeanwhile || cause instanceof MadeMeanwhile;
}

/** 23505: two made the same record; 40001, 40P01: PostgreSQL asks for it. */
function mayRepeat(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '40001' || code === '40P01' || code === '23505';
}
