import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { type Place, startOf } from './batch.ts';

export async function lastPlace(tx: Transaction): Promise<Place> {
  const row = await tx.row<{ seq: bigint; xid: bigint; nth: number; chain: Buffer }>(sql`
    select last_seq as seq, last_xid as xid, last_nth as nth, chain from audit.batch
      where tenant = ${tx.tenant} order by first_seq desc limit 1`);
  return row === undefined ? startOf(tx.tenant) : { ...row, seq: Number(row.seq) };
}
