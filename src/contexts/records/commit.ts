import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { ownSubject } from './allow.ts';
import type { Applied, Change } from './change.ts';
import type { Store } from './store.ts';
import { applyChanges, Overtaken } from './write.ts';

/** So often a transaction overtaken by another is begun again before the caller hears of it. */
const ATTEMPTS = 6;

/**
 * One transaction of changes. `plan` may look at the store first; it is called again, in a new
 * transaction, when another one was quicker, so that no serialization failure reaches a client.
 */
export async function commit<T>(
  store: Store,
  caller: Caller,
  work: (tx: Transaction, apply: Apply) => Promise<T>,
): Promise<T> {
  const own = await ownSubject(store, caller);
  // Loaded now: inside, each transaction would wait for a connection the others hold.
  await store.phi.hasher(caller.principal.tenant);
  for (let attempt = 1; ; attempt += 1) {
    const now = store.now();
    const done: Change[] = [];
    try {
      const result = await store.database.transaction(caller.principal.tenant, (tx) =>
        work(tx, (changes) => {
          done.push(...changes);
          return applyChanges({ store, tx, caller, now, own }, changes);
        }),
      );
      for (const change of done) store.counted(change.deed, 1);
      return result;
    } catch (error) {
      if (!mayRepeat(error)) throw error;
      if (attempt === ATTEMPTS) {
        const text = 'Other writes to the same records were quicker each time; send it again.';
        return refuse(kinds.conflict, text, { cause: error });
      }
      store.log.warn({ correlation: caller.correlation, attempt }, 'transaction begun again');
    }
  }
}

export type Apply = (changes: readonly Change[]) => Promise<Applied[]>;

/** 23505: two made the same record; 40001, 40P01: PostgreSQL asks for it. */
function mayRepeat(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '40001' || code === '40P01' || code === '23505';
}
