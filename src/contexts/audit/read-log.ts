import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { type EventKey, keyAt, keyCount } from './batch.ts';
import { eventColumns, loadActors, type StoredActor, type StoredEvent } from './leaf.ts';

/** A row of audit.batch. */
export type StoredBatch = {
  readonly first_seq: bigint;
  readonly last_seq: bigint;
  readonly last_xid: bigint;
  readonly last_nth: number;
  readonly events: Buffer;
  readonly leaves: Buffer;
  readonly chain: Buffer;
};

/** Some batches in order, every event that stands in their reach, and who did it. */
export type LogPage = {
  readonly batches: readonly StoredBatch[];
  readonly events: readonly StoredEvent[];
  readonly actors: ReadonlyMap<bigint, StoredActor>;
};

/** Sequence numbers per page: about 2 MB. The next page is read while this one is worked on. */
const PAGE = 2_000;

/** The log from its beginning to what is its end now, in bounded memory. */
export async function* readLog(database: Database, tenant: number): AsyncGenerator<LogPage> {
  const upTo = await database.transaction(tenant, lastBatch);
  let next = pageAfter(database, tenant, 0n, { xid: -1n, nth: 0 }, upTo);
  // Awaited below; should the reader stop early, a failure of this page is nobody's.
  next.catch(() => undefined);
  for (;;) {
    const page = await next;
    const last = page.batches.at(-1);
    if (last === undefined) return;
    next = pageAfter(database, tenant, last.first_seq, endOf(last), upTo);
    next.catch(() => undefined);
    yield page;
  }
}

async function lastBatch(tx: Transaction): Promise<bigint> {
  const row = await tx.row<{ first: bigint | null }>(
    sql`select max(first_seq) as first from audit.batch where tenant = ${tx.tenant}`,
  );
  return row?.first ?? 0n;
}

/** By the keys it lists, since its own columns may have been edited. */
function endOf(batch: StoredBatch): EventKey {
  const count = Math.floor(keyCount(batch.events));
  return count === 0 ? { xid: -1n, nth: 0 } : keyAt(batch.events, count - 1);
}

function pageAfter(
  database: Database,
  tenant: number,
  seq: bigint,
  from: EventKey,
  upTo: bigint,
): Promise<LogPage> {
  return database.transaction(tenant, async (tx) => {
    const batches = await batchesAfter(tx, seq, upTo);
    const last = batches.at(-1);
    if (last === undefined) return { batches, events: [], actors: new Map() };
    const end = endOf(last);
    const listed = batches.reduce((sum, batch) => sum + keyCount(batch.events), 0);
    // One more than listed: enough to see that a row was put in.
    const events = await tx.rows<StoredEvent>(sql`
      select ${eventColumns} from audit.event
       where tenant = ${tenant} and (xid, nth) > (${from.xid}::int8, ${from.nth}::int4)
         and (xid, nth) <= (${end.xid}::int8, ${end.nth}::int4)
       order by xid, nth limit ${Math.ceil(listed) + 1}`);
    return { batches, events, actors: await loadActors(tx, events) };
  });
}

async function batchesAfter(tx: Transaction, seq: bigint, upTo: bigint): Promise<StoredBatch[]> {
  const columns = sql`first_seq, last_seq, last_xid, last_nth, events, leaves, chain`;
  const page = await tx.rows<StoredBatch>(sql`
    select ${columns} from audit.batch
     where tenant = ${tx.tenant} and first_seq > ${seq} and first_seq <= ${upTo}
       and first_seq <= ${seq + BigInt(PAGE)} order by first_seq`);
  if (page.length > 0) return page;
  return tx.rows<StoredBatch>(sql`
    select ${columns} from audit.batch
     where tenant = ${tx.tenant} and first_seq > ${seq} and first_seq <= ${upTo}
     order by first_seq limit 1`);
}
