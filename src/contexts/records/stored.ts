import { int8Array } from '../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { type Sql, sql } from '../../platform/postgres/sql.ts';
import { typeName } from './type-number.ts';

/** A version as it lies in the store. */
export type Stored = {
  readonly row: bigint;
  readonly self: bigint;
  readonly subject: bigint;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly updatedAt: Date;
  readonly method: number;
  readonly deleted: boolean;
  readonly sealed: Buffer;
  /** Logical id of the patient whose record it is, when that Patient is in the store. */
  readonly patientId: string | undefined;
};

export const methods = { POST: 1, PUT: 2, PATCH: 3, DELETE: 4 } as const;
export type Method = keyof typeof methods;

export function methodName(number: number): Method {
  const found = Object.entries(methods).find(([, value]) => value === number);
  return found?.[0] === undefined ? 'PUT' : (found[0] as Method);
}

export type StoredRow = {
  row: bigint;
  self: bigint;
  subject: bigint;
  type: number;
  id: string;
  version: number;
  updated_at: Date;
  method: number;
  deleted: boolean;
  sealed: Buffer;
  patient_id: string | null;
};

/** The audit names the patient; asked of the index only for records that are not the Patient. */
const patientColumn: Sql = sql`case when r.subject = 0 then null when r.subject = r.self then r.id
  else (select p.id from records.resource p where p.self = r.subject) end as patient_id`;

/** Of `records.resource r`. */
export const storedColumns: Sql = sql`r.row, r.self, r.subject, r.type, r.id, r.version,
  r.updated_at, r.method, r.deleted, r.sealed, ${patientColumn}`;

/** Of `records.version v` joined with its `records.resource r`. */
export const versionColumns: Sql = sql`v.row, r.self, v.subject, r.type, r.id, v.version,
  v.updated_at, v.method, v.deleted, v.sealed, ${patientColumn}`;

export function storedFrom(row: StoredRow): Stored {
  const { updated_at, type, patient_id, ...same } = row;
  const patientId = patient_id ?? undefined;
  return { ...same, type: typeName(type), updatedAt: updated_at, patientId };
}

export async function currentBySelf(
  tx: Transaction,
  selves: readonly bigint[],
): Promise<Map<bigint, Stored>> {
  const rows = await tx.rows<StoredRow>(
    sql`select ${storedColumns} from records.resource r
         where r.self = any(${int8Array(selves)}::int8[])`,
  );
  return new Map(rows.map((row) => [row.self, storedFrom(row)]));
}

/** Locked in the order of their names, so that two transactions never wait for each other. */
export async function lockBySelf(
  tx: Transaction,
  selves: readonly bigint[],
): Promise<Map<bigint, Stored>> {
  if (selves.length === 0) return new Map();
  const rows = await tx.rows<StoredRow>(
    sql`select ${storedColumns} from records.resource r
         where r.self = any(${int8Array(selves)}::int8[]) order by r.self for update`,
  );
  return new Map(rows.map((row) => [row.self, storedFrom(row)]));
}

/** The locks alone, for more records than are held in memory at once. */
export async function lockAll(tx: Transaction, selves: readonly bigint[]): Promise<void> {
  if (selves.length === 0) return;
  await tx.run(
    sql`select from records.resource r
         where r.self = any(${int8Array(selves)}::int8[]) order by r.self for update`,
  );
}

/** One version, current or superseded. */
export async function versionOf(
  tx: Transaction,
  self: bigint,
  version: number,
): Promise<Stored | undefined> {
  const current = (await currentBySelf(tx, [self])).get(self);
  if (current === undefined || current.version === version) return current;
  const row = await tx.row<StoredRow>(
    sql`select ${versionColumns} from records.version v
          join records.resource r on r.type = v.type and r.row = v.row
         where v.row = ${current.row} and v.version = ${version}`,
  );
  return row === undefined ? undefined : storedFrom(row);
}
