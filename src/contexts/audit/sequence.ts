import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { chained, type Place, packKeys } from './batch.ts';
import type { ClusterFloor } from './cluster.ts';
import { lastPlace } from './last-place.ts';
import { type LeafEvent, leafColumns, leafContent, leafOf, loadActors } from './leaf.ts';

/** Events taken at once: hashing them holds the event loop for about 5 ms. */
export const TAKE = 1_000;

export type Taken = { readonly place: Place; readonly events: readonly LeafEvent[] };

/**
 * Gives the next committed events their sequence numbers; undefined when another node is at it.
 *
 * An event's place is its transaction's id, and an event is taken only when every transaction with
 * a lower id has ended: none can appear before it any more. `id > last` over a sequence would pass
 * over an event whose number was drawn early and committed late.
 */
export async function takeNext(tx: Transaction, floor: ClusterFloor): Promise<Taken | undefined> {
  const [leads, place, low] = await Promise.all([lead(tx), lastPlace(tx), floor(tx)]);
  if (!leads) return undefined;
  const events = await tx.rows<LeafEvent>(sql`
    select ${leafColumns} from audit.event
     where tenant = ${tx.tenant} and (xid, nth) > (${place.xid}::int8, ${place.nth}::int4)
       and xid < ${low}::int8 + pg_snapshot_xmin(pg_current_snapshot())::text::int8
     order by xid, nth limit ${TAKE}`);
  const last = events.at(-1);
  if (last === undefined) return { place, events };
  const actors = await loadActors(tx, events);
  let { seq, chain } = place;
  const leaves = events.map((event) => {
    const leaf = leafOf(leafContent(tx.tenant, event, actors.get(event.actor)));
    seq += 1;
    chain = chained(chain, leaf, seq);
    return leaf;
  });
  await tx.run(sql`
    insert into audit.batch (tenant, first_seq, last_seq, last_xid, last_nth, events, leaves, chain)
    values (${tx.tenant}, ${place.seq + 1}, ${seq}, ${last.xid}, ${last.nth},
      ${packKeys(events)}, ${Buffer.concat(leaves)}, ${chain})`);
  return { place: { seq, xid: last.xid, nth: last.nth, chain }, events };
}

/** Any number; with the tenant's it names the lock of that tenant's sequencer. */
const SEQUENCER = 0x6175_6474;

/** One leader per tenant, until the end of the transaction. */
export async function lead(tx: Transaction): Promise<boolean> {
  const row = await tx.row<{ leads: boolean }>(sql`
    select pg_try_advisory_xact_lock(${SEQUENCER}::int4, ${tx.tenant}::int4) as leads`);
  return row?.leads ?? false;
}

/**
 * Seconds since the oldest committed event that has no sequence number yet; 0 when all have one.
 */
export async function lagOf(tx: Transaction): Promise<number> {
  const place = await lastPlace(tx);
  const row = await tx.row<{ seconds: number }>(sql`
    select extract(epoch from clock_timestamp() - at)::float8 as seconds from audit.event
     where tenant = ${tx.tenant} and (xid, nth) > (${place.xid}::int8, ${place.nth}::int4)
     order by xid, nth limit 1`);
  return row?.seconds ?? 0;
}
