import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';

/** The sequence's increment: one round trip for so many records. */
const BLOCK = 256n;

/** Hands out row numbers, so that a record's index rows can travel in the same breath as itself. */
export type RowNumbers = { take(count: number): Promise<bigint[]> };

export function openRowNumbers(database: Database): RowNumbers {
  let next = 0n;
  let end = 0n;
  let turn: Promise<unknown> = Promise.resolve();

  async function take(count: number): Promise<bigint[]> {
    const taken: bigint[] = [];
    while (taken.length < count) {
      if (next === end) await refill(count - taken.length);
      taken.push(next);
      next += 1n;
    }
    return taken;
  }

  /** Blocks of one call may not be neighbours: the rest of a block is given up, never reused. */
  async function refill(wanted: number): Promise<void> {
    const row = await database.transaction(0, (tx) =>
      tx.row<{ start: bigint }>(sql`select nextval('records.row_number') as start`),
    );
    if (row === undefined) throw new Error(`no row numbers for ${wanted} records`);
    next = row.start;
    end = row.start + BLOCK;
  }

  return {
    take(count) {
      const mine = turn.then(() => take(count));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
