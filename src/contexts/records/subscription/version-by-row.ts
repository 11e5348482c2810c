import { int4Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import {
  type Stored,
  type StoredRow,
  storedColumns,
  storedFrom,
  versionColumns,
} from '../stored.ts';
import type { RecordChange } from './outbox.ts';

type Named = Pick<RecordChange, 'row' | 'version' | 'type'>;

/** Versions by `row/version`, current and superseded ones. */
export async function versionsByRow(
  tx: Transaction,
  wanted: readonly Named[],
): Promise<Map<string, Stored>> {
  if (wanted.length === 0) return new Map();
  const asked = sql`unnest(${int8Array(wanted.map((one) => one.row))}::int8[],
    ${int4Array(wanted.map((one) => one.version))}::int4[],
    ${int4Array(wanted.map((one) => one.type))}::int4[]) as u (row, version, type)`;
  const [current, superseded] = await Promise.all([
    tx.rows<StoredRow>(sql`select ${storedColumns} from ${asked}
      join records.resource r on r.type = u.type and r.row = u.row and r.version = u.version`),
    tx.rows<StoredRow>(sql`select ${versionColumns} from ${asked}
      join records.version v on v.row = u.row and v.version = u.version
      join records.resource r on r.type = u.type and r.row = u.row`),
  ]);
  const found = [...current, ...superseded].map(storedFrom);
  return new Map(found.map((one) => [nameOf(one), one]));
}

export function nameOf({ row, version }: Pick<RecordChange, 'row' | 'version'>): string {
  return `${row}/${version}`;
}

export async function currentByRow(
  tx: Transaction,
  type: number,
  row: bigint,
): Promise<Stored | undefined> {
  const found = await tx.row<StoredRow>(sql`
    select ${storedColumns} from records.resource r where r.type = ${type}::int2 and r.row = ${row}`);
  return found === undefined ? undefined : storedFrom(found);
}
