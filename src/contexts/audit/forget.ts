import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { packId } from './packed-id.ts';

/**
 * Clears the ids beside the commitments of an erased patient's events; the tree stays valid, since
 * only the commitments entered it. In the transaction that destroys the key. Returns how many.
 */
export function forgetPatient(tx: Transaction, patientId: string): Promise<number> {
  return tx.run(sql`
    update audit.event set resource_id = '', patient_id = '', resource_hash = 0
     where tenant = ${tx.tenant} and patient_id = ${packId(patientId)} and subject <> 0`);
}
