import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';

/** The sequence's increment: one round trip for so many records. */
const BLOCK = 256;

/**
 * Hands out row numbers, so that a record's index rows can travel in the same breath as itself.
 * Asks on the caller's own connection: a second one might not be free while all wait for each
 * other.
 */
export type RowNumbers = { take(tx: Transaction, count: number): Promise<bigint[]> };

export function openRowNumbers(): RowNumbers {
  let spare: bigint[] = [];

  return {
    async take(tx, count) {
      const taken = spare.splice(0, count);
      const blocks = Math.ceil((count - taken.length) / BLOCK);
      if (blocks === 0) return taken;
      const rows = await tx.rows<{ start: bigint }>(
        sql`select nextval('records.row_number') as start from generate_series(1, ${blocks}::int4)`,
      );
      const fresh = rows.flatMap(({ start }) =>
        Array.from({ length: BLOCK }, (_, index) => start + BigInt(index)),
      );
      taken.push(...fresh.splice(0, count - taken.length));
      // Meanwhile others may have left some: none is handed out twice, a rest is given up.
      if (fresh.length > spare.length) spare = fresh;
      return taken;
    },
  };
}
