import { kinds, Problem } from '../../platform/problem.ts';

/** One after the other for each name. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Of all names together; each holds a parsed body. */
const WAITING = 5_000;

/**
 * Those who would wait for each other in the database wait here instead: there each would hold a
 * connection, and nobody else would get one.
 */
export function openInTurn(): InTurn {
  const tails = new Map<string, Promise<void>>();
  let waiting = 0;
  return async (name, work) => {
    if (waiting >= WAITING) {
      throw new Problem(kinds.unavailable, 'Too many writes are waiting; try again shortly.', {
        headers: { 'retry-after': '1' },
      });
    }
    const before = tails.get(name);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    tails.set(name, ended);
    waiting += 1;
    try {
      await before;
      return await work();
    } finally {
      waiting -= 1;
      if (tails.get(name) === ended) tails.delete(name);
      end();
    }
  };
}
