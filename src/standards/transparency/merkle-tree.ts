import { hash } from 'node:crypto';

/** SHA-256 of nothing: the root of the empty tree (RFC 6962 §2.1). */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

const HASH = 32;

/** SHA-256(0x00 ‖ content), RFC 6962 §2.1; text is taken as UTF-8. */
export function leafHash(content: string): Buffer {
  return hash('sha256', `\u0000${content}`, 'buffer');
}

const pair = Buffer.alloc(1 + 2 * HASH, 1);

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(pair, 1, 0, HASH);
  right.copy(pair, 1 + HASH, 0, HASH);
  return hash('sha256', pair, 'buffer');
}

/**
 * The right edge of a Merkle tree (RFC 6962 §2.1): the roots of its complete subtrees, largest
 * first, one per set bit of the size. Enough to append and to tell the root, at most 53 hashes.
 */
export type Frontier = { readonly size: number; readonly hashes: readonly Buffer[] };

export const emptyFrontier: Frontier = { size: 0, hashes: [] };

/** The frontier after one more leaf. Amortized one node hash. */
export function appendLeaf(frontier: Frontier, leaf: Buffer): Frontier {
  const hashes = [...frontier.hashes];
  let node = leaf;
  for (let size = frontier.size; size % 2 === 1; size = (size - 1) / 2) {
    const left = hashes.pop();
    if (left === undefined) throw new RangeError('a frontier has one hash per set bit of its size');
    node = nodeHash(left, node);
  }
  hashes.push(node);
  return { size: frontier.size + 1, hashes };
}

/** The root of the whole tree: complete subtrees joined from the right (RFC 6962 §2.1, MTH). */
export function rootOf(frontier: Frontier): Buffer {
  const [last, ...larger] = frontier.hashes.toReversed();
  if (last === undefined) return emptyRoot;
  return larger.reduce((right, left) => nodeHash(left, right), last);
}

export function packFrontier(frontier: Frontier): Buffer {
  return Buffer.concat(frontier.hashes);
}

/** Throws a RangeError when the bytes are not a frontier of that size. */
export function unpackFrontier(size: number, packed: Buffer): Frontier {
  const count = [...size.toString(2)].filter((bit) => bit === '1').length;
  if (packed.length !== count * HASH) throw new RangeError('not a frontier of this size');
  const hashes = Array.from({ length: count }, (_, at) =>
    packed.subarray(at * HASH, (at + 1) * HASH),
  );
  return { size, hashes };
}
