import { Readable } from 'node:stream';
import xzDecompress from 'xz-decompress';

// The .xz file format 1.1.0, 2.1.1.1: what each stream starts with.
const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

export function isXz(head: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}

/** 2.1.1.2: the eighth byte names the check. None, CRC32 and CRC64 are known, SHA-256 is not. */
export function hasKnownCheck(head: Buffer): boolean {
  return [0x00, 0x01, 0x04].includes(head[7] ?? -1);
}

/**
 * Decompresses one xz stream. The decompressor stops at the end of the first stream and says
 * nothing of a second: so a second is looked for and thrown, rather than lost. (In compressed bytes
 * the six of the magic number turn up by chance once in 280 TB.)
 */
export async function* unxz(bytes: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const input = Readable.from(single(bytes), { objectMode: false });
  const compressed = Readable.toWeb(input);
  yield* new xzDecompress.XzReadableStream(compressed);
}

async function* single(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let before: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of bytes) {
    const seen = Buffer.concat([before, chunk]);
    if (seen.indexOf(magic, first ? 1 : 0) >= 0) throw new SeveralStreams();
    first &&= seen.length < magic.length;
    before = seen.subarray(Math.max(seen.length - magic.length + 1, 0));
    yield chunk;
  }
}

export class SeveralStreams extends Error {
  override name = 'SeveralStreams';
}
