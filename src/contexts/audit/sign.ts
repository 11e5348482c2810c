import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import {
  appendLeaf,
  emptyFrontier,
  type Frontier,
  packFrontier,
  rootOf,
  unpackFrontier,
} from '../../standards/transparency/merkle-tree.ts';
import { keyCount, leafAt } from './batch.ts';
import { type CheckpointSigner, originOf } from './checkpoint-signer.ts';
import { lastPlace } from './last-place.ts';
import { lead } from './sequence.ts';

export type StoredCheckpoint = {
  readonly size: bigint;
  readonly root: Buffer;
  readonly frontier: Buffer;
  readonly note: string;
  /** Seconds ago. */
  readonly age: number;
};

export async function newestCheckpoint(tx: Transaction): Promise<StoredCheckpoint | undefined> {
  return tx.row<StoredCheckpoint>(sql`
    select size, root, frontier, note,
           extract(epoch from clock_timestamp() - at)::float8 as age
      from audit.checkpoint where tenant = ${tx.tenant} order by size desc limit 1`);
}

/** Told instead of a signature: signing would contradict what was signed before. */
export class Unsignable extends Error {}

/** Batches read at once: at most a megabyte of leaves. */
const PAGE = 32;

/**
 * Signs the tree as it stands, when it grew since the last checkpoint at least `everySeconds` ago.
 * The new root is computed from the signed one and the leaves since, so a signature always extends
 * the one before; a log cut shorter than what was signed is not signed again (Unsignable).
 */
export async function signNext(
  tx: Transaction,
  signer: CheckpointSigner,
  everySeconds: number,
): Promise<string | undefined> {
  const [leads, last, place] = await Promise.all([lead(tx), newestCheckpoint(tx), lastPlace(tx)]);
  if (!leads || (last !== undefined && last.age < everySeconds)) return undefined;
  const origin = originOf(tx.tenant);
  await refuseToContradict(tx.tenant, signer, last, place.seq);
  if (place.seq === Number(last?.size ?? 0)) return undefined;
  let frontier = signedFrontier(last, signer, origin);
  while (frontier.size < place.seq) frontier = await extend(tx, frontier);
  const checkpoint = { origin, size: frontier.size, root: rootOf(frontier) };
  const note = signer.sign(checkpoint);
  await tx.run(sql`
    insert into audit.checkpoint (tenant, size, root, frontier, note)
    values (${tx.tenant}, ${frontier.size}, ${checkpoint.root}, ${packFrontier(frontier)}, ${note})`);
  return note;
}

async function refuseToContradict(
  tenant: number,
  signer: CheckpointSigner,
  last: StoredCheckpoint | undefined,
  size: number,
): Promise<void> {
  if (last !== undefined && Number(last.size) > size) {
    throw new Unsignable(`a checkpoint was signed at size ${last.size}, the log holds ${size}`);
  }
  const kept = await signer.kept(tenant);
  if (kept === undefined) return;
  const known = signer.open(kept, originOf(tenant));
  if (known !== undefined && known.size > size) {
    throw new Unsignable(
      `${signer.keptAt(tenant)} was signed at size ${known.size}, the log holds ${size}: ` +
        'its end was cut or an older backup restored; move the file away to accept that',
    );
  }
}

function signedFrontier(
  last: StoredCheckpoint | undefined,
  signer: CheckpointSigner,
  origin: string,
): Frontier {
  if (last === undefined) return emptyFrontier;
  const signed = signer.open(last.note, origin);
  const frontier = unpackFrontier(Number(last.size), last.frontier);
  if (signed?.size !== frontier.size || !signed.root.equals(rootOf(frontier))) {
    throw new Unsignable(`the checkpoint at size ${last.size} is not what was signed`);
  }
  return frontier;
}

async function extend(tx: Transaction, from: Frontier): Promise<Frontier> {
  const rows = await tx.rows<{ first_seq: bigint; events: Buffer; leaves: Buffer }>(sql`
    select first_seq, events, leaves from audit.batch
     where tenant = ${tx.tenant} and first_seq > ${from.size} order by first_seq limit ${PAGE}`);
  let frontier = from;
  for (const { first_seq, events, leaves } of rows) {
    if (Number(first_seq) !== frontier.size + 1) break;
    const count = keyCount(events);
    for (let index = 0; index < count; index += 1) {
      frontier = appendLeaf(frontier, leafAt(leaves, index));
    }
  }
  if (frontier.size === from.size) {
    throw new Unsignable(`the events after sequence number ${from.size} are missing`);
  }
  return frontier;
}
