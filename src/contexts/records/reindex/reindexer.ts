import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { extractIndex } from '../../../standards/fhir/search/extract.ts';
import { indexRows } from '../index-rows.ts';
import { livingKeys } from '../living-key.ts';
import { openResource } from '../render.ts';
import type { Store } from '../store.ts';
import { type StoredRow, storedColumns, storedFrom } from '../stored.ts';
import { typeName } from '../type-number.ts';
import { deleteIndexRows, insertIndexRows, type RowsOf } from '../write-rows.ts';
import { whatOf } from './progress.ts';

/** Writes the index rows that stored records lack, beside the work. */
export type Reindexer = {
  /** Looks at all tenants once, beside the work. */
  start(tenants: () => Promise<readonly number[]>): void;
  /** There may be something to do in this tenant. */
  wake(tenant: number): void;
  /** Does all there is in a tenant; resolves to the records gone through. */
  finish(tenant: number): Promise<number>;
  stop(): Promise<void>;
};

/** Records of one transaction: about 50 ms, in which their writers wait. */
const BLOCK = 200;
/** Pause after a block, in parts of the time it took: a server has other things to do. */
const PAUSE = 1;
/** Milliseconds between looks at a tenant whose work may not begin yet. */
const LATER_MS = 500;

type Parts = Pick<Store, 'database' | 'phi' | 'log' | 'baseUrl' | 'searchParameters' | 'counted'>;

export function openReindexer(open: () => Parts): Reindexer {
  const running = new Map<number, Promise<void>>();
  let stopped = false;

  async function run(tenant: number): Promise<void> {
    const parts = open();
    let records = 0;
    try {
      // oxlint-disable-next-line no-unmodified-loop-condition -- by `stop`, meanwhile
      while (!stopped) {
        const began = performance.now();
        const step = await oneBlock(parts, tenant);
        if (step === 'none') break;
        if (step !== 'later') records += step;
        await sleep(step === 'later' ? LATER_MS : (performance.now() - began) * PAUSE);
      }
      if (records > 0) parts.log.info({ tenant, records }, 'stored records are indexed');
    } catch (err) {
      if (!stopped)
        parts.log.warn({ tenant, err }, 'reindexing stopped; it goes on when next used');
    }
  }

  async function lookAt(tenants: readonly number[]): Promise<void> {
    for (const tenant of tenants) {
      if (stopped) return;
      // With something to do, this wakes.
      await open().searchParameters.of(tenant);
    }
  }

  return {
    start(tenants) {
      tenants()
        .then(lookAt)
        .catch((err: unknown) => open().log.warn({ err }, 'not all tenants were looked at'));
    },
    wake(tenant) {
      if (stopped || running.has(tenant)) return;
      const work = run(tenant).finally(() => running.delete(tenant));
      running.set(tenant, work);
    },
    async finish(tenant) {
      let records = 0;
      for (;;) {
        const step = await oneBlock(open(), tenant);
        if (step === 'none') return records;
        if (step === 'later') await sleep(LATER_MS);
        else records += step;
      }
    },
    async stop() {
      stopped = true;
      await Promise.all(running.values());
    },
  };
}

type Due = { type: number; what: bigint; reached: bigint; ready: boolean };

/** How many records it did; another process at the same work is waited for. */
async function oneBlock(parts: Parts, tenant: number): Promise<number | 'none' | 'later'> {
  // Loaded now: inside, another connection may not be free.
  await parts.phi.hasher(tenant);
  await parts.searchParameters.of(tenant);
  const done = await parts.database.transaction(tenant, async (tx) => {
    const due = await tx.row<Due>(sql`select type, what, reached,
        begins_at <= clock_timestamp() as ready
      from records.reindex where ended_at is null
      order by begins_at, type, what limit 1 for update`);
    if (due === undefined) return 'none';
    if (!due.ready) return 'later';
    return indexBlock(parts, tx, due);
  });
  if (done === 'unknown') return 'later';
  if (typeof done === 'number') {
    parts.searchParameters.moved(tenant);
    parts.counted('reindex', done);
  }
  return done;
}

async function indexBlock(parts: Parts, tx: Transaction, due: Due): Promise<number | 'unknown'> {
  const type = typeName(due.type);
  const hash = await parts.phi.hasher(tx.tenant);
  const { registry } = parts.searchParameters.known(tx.tenant);
  const params = registry.storedOf(type).flatMap(({ covers }) => covers);
  const mine = params.filter((param) => whatOf(hash, type, param) === due.what);
  // Noted by another process, whose definition is not seen here yet.
  if (due.what !== 0n && mine.length === 0) return 'unknown';
  const found = await tx.rows<StoredRow>(sql`select ${storedColumns} from records.resource r
    where r.type = ${due.type}::int2 and r.row > ${due.reached}::int8 and not r.deleted
    order by r.row limit ${BLOCK}::int8 for update of r`);
  const wanted = due.what === 0n ? undefined : new Set(mine);
  const all = await rowsFor(parts, tx, found, { type, wanted });
  await deleteIndexRows(tx, all);
  await insertIndexRows(tx, all);
  const last = found.at(-1)?.row ?? due.reached;
  const ended = found.length < BLOCK;
  await tx.run(sql`update records.reindex
      set reached = ${last}::int8, done = done + ${found.length}::int8,
          ended_at = ${ended ? sql`clock_timestamp()` : sql`null`}
    where type = ${due.type}::int2 and what = ${due.what}::int8`);
  return found.length;
}

/** `wanted`: the parameters whose rows are asked for; undefined: all. */
type Asked = { type: string; wanted: ReadonlySet<string> | undefined };

/** What each record's content says; an erased patient's records have none that anybody reads. */
async function rowsFor(
  { phi, baseUrl, searchParameters }: Parts,
  tx: Transaction,
  found: readonly StoredRow[],
  { type, wanted }: Asked,
): Promise<RowsOf[]> {
  const hash = await phi.hasher(tx.tenant);
  const { registry } = searchParameters.known(tx.tenant);
  const subjects = found.map(({ subject }) => subject);
  const keyOf = await livingKeys({ phi }, tx, subjects);
  return found.flatMap((row) => {
    const key = keyOf(row.subject);
    if (key === undefined) return [];
    const resource = openResource(key, storedFrom(row));
    const all = extractIndex(resource, baseUrl, registry);
    const values =
      wanted === undefined ? all : all.filter(({ param }) => wanted.has(param.split(':')[0] ?? ''));
    return [{ row: row.row, rows: indexRows(hash, type, values) }];
  });
}
