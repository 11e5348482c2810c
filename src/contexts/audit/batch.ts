import { hash } from 'node:crypto';

/** Where in the log we stand: the last event taken, its sequence number, the chain after it. */
export type Place = {
  /** From 1; also the size of the tree. Sequence number n is leaf n - 1 of RFC 6962. */
  readonly seq: number;
  readonly xid: bigint;
  readonly nth: number;
  readonly chain: Buffer;
};

export type EventKey = { readonly xid: bigint; readonly nth: number };

const KEY = 12;
const HASH = 32;

export function startOf(tenant: number): Place {
  const chain = hash('sha256', `medconnect audit chain of tenant ${tenant}`, 'buffer');
  return { seq: 0, xid: -1n, nth: 0, chain };
}

const link = Buffer.alloc(HASH + HASH + 8);

/**
 * SHA-256(chain so far ‖ leaf ‖ sequence number as 8 bytes): whoever reorders must rewrite the
 * rest.
 */
export function chained(chain: Buffer, leaf: Buffer, seq: number): Buffer {
  chain.copy(link, 0, 0, HASH);
  leaf.copy(link, HASH, 0, HASH);
  link.writeBigUInt64BE(BigInt(seq), 2 * HASH);
  return hash('sha256', link, 'buffer');
}

export function packKeys(events: readonly EventKey[]): Buffer {
  const packed = Buffer.allocUnsafe(events.length * KEY);
  events.forEach(({ xid, nth }, index) => {
    packed.writeBigInt64BE(xid, index * KEY);
    packed.writeInt32BE(nth, index * KEY + 8);
  });
  return packed;
}

export function keyCount(packed: Buffer): number {
  return packed.length / KEY;
}

export function keyAt(packed: Buffer, index: number): EventKey {
  return { xid: packed.readBigInt64BE(index * KEY), nth: packed.readInt32BE(index * KEY + 8) };
}

export function leafAt(leaves: Buffer, index: number): Buffer {
  return leaves.subarray(index * HASH, (index + 1) * HASH);
}

/** Negative, zero, positive: as the sequencer orders events. */
export function compareKeys(a: EventKey, b: EventKey): number {
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1;
  return a.nth - b.nth;
}
