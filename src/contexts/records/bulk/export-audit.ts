import type { AuditEntry } from '#audit';
import { int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';
import type { Store } from '../store.ts';
import type { PartSum } from './part.ts';

/** Entries of one statement. */
const BATCH = 2000;

type Part = { job: string; at: string; type: string; because: string; groups: readonly Group[] };

/**
 * One event for each patient whose records the part holds, in the transaction that counts the part
 * as made: with type and instant it says which records left. One more for records of nobody.
 */
export async function auditPart(
  { store, caller }: { store: Store; caller: Caller },
  tx: Transaction,
  part: Part,
  sum: PartSum,
): Promise<void> {
  const subjects = [...sum.subjects];
  const ids = await patientIds(
    tx,
    subjects.map(([subject]) => subject),
  );
  const { groups } = part;
  const entries = subjects.map(([subject, records]): AuditEntry => {
    const patientId = ids.get(subject);
    return {
      ...{ type: 'record.export', action: 'R', outcome: 'success', caller, groups, subject },
      ...{ resourceType: part.type, because: part.because },
      ...(patientId === undefined ? {} : { patientId }),
      note: { job: part.job, records, as_of: part.at },
    };
  });
  for (let at = 0; at < entries.length; at += BATCH) {
    await store.audit.write(tx, entries.slice(at, at + BATCH));
  }
}

async function patientIds(tx: Transaction, subjects: readonly bigint[]) {
  const rows = await tx.rows<{ self: bigint; id: string }>(sql`
    select r.self, r.id from records.resource r where r.self = any(${int8Array(subjects)}::int8[])`);
  return new Map(rows.map(({ self, id }) => [self, id]));
}
