import type { Database } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';

/** A writer that began before the instant may commit after it: so long it is waited for. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;
/** Between the instant a writer takes and its first statement; more for a Bundle of thousands. */
const STAMPED_MS = 300;

/**
 * Waits until every transaction that was running has ended, so that what was changed before now is
 * there to be read. false: some still run after half a minute, and what they write is missed. What
 * this cannot see is a writer that has taken its instant and sends nothing for 300 ms.
 */
export async function settled(database: Database, tenant: number): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, STAMPED_MS));
  const begun = await edge(database, tenant, 'pg_snapshot_xmax');
  const until = performance.now() + PATIENCE_MS;
  while ((await edge(database, tenant, 'pg_snapshot_xmin')) < begun) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}

async function edge(
  database: Database,
  tenant: number,
  of: 'pg_snapshot_xmax' | 'pg_snapshot_xmin',
): Promise<bigint> {
  const name = { text: of, values: [] };
  const row = await database.transaction(tenant, (tx) =>
    tx.row<{ xid: bigint }>(sql`select ${name}(pg_current_snapshot())::text::int8 as xid`),
  );
  return row?.xid ?? 0n;
}
