import { int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { typeNumber } from '../type-number.ts';
import type { ExportReach } from './reach.ts';

/** Ids read at once, and entries of one Bundle. */
const BATCH = 1000;

export type Deleted = {
  readonly type: string;
  readonly since: number;
  readonly at: number;
  /** Whose they were: some patient's, or one of these; undefined: anybody's or nobody's. */
  readonly among: 'patients' | readonly bigint[] | undefined;
};

type Row = { row: bigint; id: string };

/**
 * Bulk Data Access 2.0, `deleted`: what was deleted after `_since`, as transaction Bundles of
 * DELETE requests.
 */
export async function* deletedBundles(
  inTenant: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  { type, since, at, among }: Deleted,
  reach: ExportReach,
): AsyncGenerator<Buffer> {
  const own =
    reach.others === undefined
      ? sql`and r.subject = ${reach.own?.subject ?? 0n}::int8 and r.subject <> 0`
      : sql``;
  const some = among === 'patients' ? sql`and r.subject <> 0` : sql``;
  const these = Array.isArray(among) ? sql`and r.subject = any(${int8Array(among)}::int8[])` : some;
  for (let after = 0n; ; ) {
    const rows = await inTenant((tx) =>
      tx.rows<Row>(sql`select r.row, r.id from records.resource r
        where r.type = ${typeNumber(type)}::int2 and r.deleted and r.row > ${after}::int8
          and r.updated_at > to_timestamp(${since}::float8 / 1000)
          and r.updated_at <= to_timestamp(${at}::float8 / 1000) ${own} ${these}
        order by r.row limit ${BATCH}::int8`),
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.row;
    const entry = rows.map(({ id }) => ({ request: { method: 'DELETE', url: `${type}/${id}` } }));
    yield Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
  }
}
