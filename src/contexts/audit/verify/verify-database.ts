import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Phi } from '#phi';
import type { Database } from '../../../platform/postgres/database.ts';
import { type Place, startOf } from '../batch.ts';
import type { CheckpointSigner } from '../checkpoint-signer.ts';
import { type LogPage, readLog } from '../read-log.ts';
import { type BatchCheck, checkBatch } from './batch-check.ts';
import { ClearColumns } from './clear-check.ts';
import type { Defect } from './defect.ts';
import { furthestHead, keptHead, signedHeads } from './signed-heads.ts';
import { TreeCheck } from './tree-check.ts';

export type Verification = {
  readonly status: 'valid' | 'broken';
  /** Events found right, from the first on, in whole batches. */
  readonly checked: number;
  readonly firstBroken: Defect | null;
  /** Events whose ids could not be held against a commitment: their subject's key is destroyed. */
  readonly erased: number;
};

export type VerifyParts = {
  readonly database: Database;
  readonly phi: Phi;
  readonly signer: CheckpointSigner;
};

/**
 * Reads a tenant's whole log and tells the first thing that is not as it was written: events
 * against leaves, leaves against chain and tree, tree against every signed checkpoint, clear
 * columns against commitments. Memory is bounded by two pages; throws only when the database fails.
 */
export async function verifyDatabase(parts: VerifyParts, tenant: number): Promise<Verification> {
  const clear = new ClearColumns(parts.database, parts.phi, tenant);
  const tree = new TreeCheck();
  const defect = await firstDefect(parts, tenant, clear, tree);
  return {
    status: defect === undefined ? 'valid' : 'broken',
    checked: defect === undefined ? tree.size : Math.min(tree.size, Math.max(0, defect.seq - 1)),
    firstBroken: defect ?? null,
    erased: clear.unproven.count,
  };
}

async function firstDefect(
  { database, signer }: VerifyParts,
  tenant: number,
  clear: ClearColumns,
  tree: TreeCheck,
): Promise<Defect | undefined> {
  // Heads before the end they are held against: the log may grow and be signed meanwhile.
  const kept = await keptHead(tenant, signer);
  const beyond = await database.transaction(tenant, (tx) => furthestHead(tx, signer));
  for (const head of [kept, beyond]) {
    if (head !== undefined && 'what' in head) return head;
    if (head !== undefined) tree.expect([head]);
  }
  let place: Place = startOf(tenant);
  for await (const page of readLog(database, tenant)) {
    const upTo = Number(page.batches.at(-1)?.last_seq ?? 0);
    const from = place.seq;
    const heads = await database.transaction(tenant, (tx) => signedHeads(tx, signer, from, upTo));
    if ('what' in heads) return heads;
    tree.expect(heads);
    const { actors } = page;
    const rules = { tenant, actors, clear: await clear.of(page), leaf: tree.append.bind(tree) };
    const reached = checkPage(page, place, rules);
    if ('what' in reached) return reached;
    place = reached;
    // Other requests go first: a page takes about 50 ms.
    await nextTurn();
  }
  return tree.end();
}

function checkPage(page: LogPage, from: Place, check: BatchCheck): Place | Defect {
  const rows = { events: page.events, at: 0 };
  let place = from;
  for (const batch of page.batches) {
    const reached = checkBatch(check, batch, place, rows);
    if ('what' in reached) return reached;
    place = reached;
  }
  return place;
}
