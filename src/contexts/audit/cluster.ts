import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';

/** More transactions than a cluster will ever see, and 32,767 clusters still fit an int8. */
const SPAN = 2n ** 48n;

/**
 * What to add to this cluster's transaction ids. A dump restored into another cluster meets ids
 * lower than those in the rows; without this its new events would stand before the sequencer's
 * place and never enter the tree.
 */
export type ClusterFloor = (tx: Transaction) => Promise<bigint>;

export function openClusterFloor(): ClusterFloor {
  let known: bigint | undefined;
  return async (tx) => {
    known ??= await find(tx);
    return known;
  };
}

async function find(tx: Transaction): Promise<bigint> {
  const present = sql`select floor from audit.cluster
    where system = (select system_identifier from pg_control_system())`;
  const row = await tx.row<{ floor: bigint }>(present);
  if (row !== undefined) return row.floor;
  await tx.run(sql`
    insert into audit.cluster (system, floor)
    select system_identifier, coalesce((select max(floor) + ${SPAN}::int8 from audit.cluster), 0)
      from pg_control_system() on conflict do nothing`);
  const made = await tx.row<{ floor: bigint }>(present);
  if (made === undefined) throw new Error('audit: this cluster has no floor');
  return made.floor;
}
