import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { type CheckpointSigner, originOf } from '../checkpoint-signer.ts';
import type { Defect } from './defect.ts';
import type { SignedHead } from './tree-check.ts';

type Row = { readonly size: bigint; readonly root: Buffer; readonly note: string };

/**
 * What was signed at sizes above `after` up to `upTo`, in order; or the first one not by our key.
 */
export async function signedHeads(
  tx: Transaction,
  signer: CheckpointSigner,
  after: number,
  upTo: number,
): Promise<readonly SignedHead[] | Defect> {
  const rows = await tx.rows<Row>(sql`
    select size, root, note from audit.checkpoint
     where tenant = ${tx.tenant} and size > ${after} and size <= ${upTo} order by size`);
  return opened(rows, signer, tx.tenant);
}

/** The furthest in the table. */
export async function furthestHead(
  tx: Transaction,
  signer: CheckpointSigner,
): Promise<SignedHead | undefined | Defect> {
  const rows = await tx.rows<Row>(sql`
    select size, root, note from audit.checkpoint
     where tenant = ${tx.tenant} order by size desc limit 1`);
  const heads = opened(rows, signer, tx.tenant);
  return 'what' in heads ? heads : heads[0];
}

/** The head kept in the data folder, where whoever owns the database does not reach it. */
export async function keptHead(
  tenant: number,
  signer: CheckpointSigner,
): Promise<SignedHead | undefined | Defect> {
  const note = await signer.kept(tenant);
  if (note === undefined) return undefined;
  return signer.open(note, originOf(tenant)) ?? forged(0, 'kept in the data folder');
}

function opened(
  rows: readonly Row[],
  signer: CheckpointSigner,
  tenant: number,
): readonly SignedHead[] | Defect {
  for (const { size, root, note } of rows) {
    const signed = signer.open(note, originOf(tenant));
    if (signed?.size !== Number(size) || !signed.root.equals(root)) {
      return forged(Number(size), `of size ${size}`);
    }
  }
  return rows.map(({ size, root }) => ({ size: Number(size), root }));
}

function forged(seq: number, which: string): Defect {
  const says = `The checkpoint ${which} is not what our key signed.`;
  return { seq, what: 'checkpoint-forged', says };
}
