import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Refusal } from './batch.ts';
import { ByteReader } from './byte-reader.ts';
import { looksReadable } from './file-list.ts';
import { hasKnownCheck, isXz, unxz } from './xz.ts';

/** Something that is no archive: a text to read, or why it cannot be read. */
export type Member = { name: string | undefined } & (
  | { bytes: ByteReader }
  | { refused: Refusal }
  | { ignored: true }
);

interface Layer {
  /** The member's path inside the archives around it. */
  name?: string;
  /** How many archives and compressions are around it. */
  depth: number;
  insideXz: boolean;
}

// .ndjson.gz in .tar.gz is four; a file made to unpack forever has no end.
const deepest = 5;

/**
 * Takes gzip, xz and tar apart, however they are put together, going by what the bytes say and not
 * by the name. Members are to be read, or left, before the next is asked for. Throws what the
 * outermost stream throws; a fault in a member's own compression is thrown to whoever reads that
 * member.
 */
export async function* unpack(
  source: AsyncIterable<Uint8Array>,
  layer: Layer = { depth: 0, insideXz: false },
): AsyncGenerator<Member> {
  const bytes = new ByteReader(source);
  const head = await bytes.head(512);
  const inner = { ...layer, depth: layer.depth + 1 };
  const kind = archiveKind(head);
  if (kind === undefined) {
    try {
      yield { name: layer.name, bytes };
    } finally {
      await bytes.close();
    }
  } else if (kind === 'other') {
    yield refusal(layer, 'unsupported', 'It is compressed in a way this does not read.');
  } else if (inner.depth > deepest) {
    yield refusal(layer, 'nested', `More than ${deepest} archives and compressions around it.`);
  } else if (kind === 'gzip') {
    yield* unpack(through(bytes, createGunzip()), inner);
  } else if (kind === 'tar') {
    yield* unpackTar(bytes, inner);
  } else if (layer.insideXz) {
    // The decompressor runs one stream at a time: a second inside the first would wait for ever.
    yield refusal(layer, 'nested', 'It is xz inside xz: unpack the outer one first.');
  } else if (!hasKnownCheck(head)) {
    yield refusal(
      layer,
      'unsupported',
      'Its xz check is unknown here: compress with --check=crc64.',
    );
  } else {
    yield* unpack(unxz(bytes), { ...inner, insideXz: true });
  }
}

function refusal(layer: Layer, code: Refusal['code'], text: string): Member {
  return { name: layer.name, refused: { code, text } };
}

function archiveKind(head: Buffer): 'gzip' | 'xz' | 'tar' | 'other' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (isXz(head)) return 'xz';
  if (head.toString('latin1', 257, 262) === 'ustar') return 'tar';
  const start = head.toString('latin1', 0, 4);
  // zip, zstd, bzip2, 7z
  const known = start === 'PK\x03\x04' || start === '\x28\xb5\x2f\xfd' || start === '7z\xbc\xaf';
  return known || start.startsWith('BZh') ? 'other' : undefined;
}

function through(bytes: ByteReader, transform: NodeJS.ReadWriteStream & AsyncIterable<Buffer>) {
  // A failure, also of the source, comes out of the transform's iterator.
  pipeline(Readable.from(bytes, { objectMode: false }), transform, () => {});
  return transform;
}

async function* unpackTar(bytes: ByteReader, layer: Layer): AsyncGenerator<Member> {
  const archive = extract();
  pipeline(Readable.from(bytes, { objectMode: false }), archive, () => {});
  for await (const entry of archive) {
    const name =
      layer.name === undefined ? entry.header.name : `${layer.name}!${entry.header.name}`;
    // tar-stream's types build on streamx, which has none: until then an entry is not seen as a
    // stream.
    const chunks = entry as unknown as AsyncIterable<Uint8Array>;
    if (entry.header.type === 'file' && looksReadable(name)) {
      yield* contained(entryBytes(chunks), { ...layer, name });
    } else if (entry.header.type !== 'directory') {
      yield { name, ignored: true };
    }
    // tar-stream goes on only after an entry is read to its end.
    for await (const _ of entryBytes(chunks));
  }
}

/** What unpacking a member throws is the member's own fault: the archive goes on. */
async function* contained(
  content: AsyncIterable<Uint8Array>,
  layer: Layer,
): AsyncGenerator<Member> {
  try {
    yield* unpack(content, layer);
  } catch {
    yield refusal(layer, 'damaged', 'The archive inside is damaged or cut short.');
  }
}

/** Reads an entry without destroying it at the end, which would destroy the archive with it. */
async function* entryBytes(entry: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = entry[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next();
    if (next.done) return;
    yield next.value;
  }
}
