import { type FileHandle, open } from 'node:fs/promises';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SubjectKey } from '#phi';

/**
 * A file of PHI on the disk, in frames: length (4 bytes) · sealed bytes of up to 1 MiB of text,
 * compressed. The context binds each frame to the file, its place and whether it is the last, so
 * that none can be moved, left out or cut off unseen.
 */
const FRAME = 1024 * 1024;
/** 1.5 µs a record of 1.4 KB at 5 % of its size; deflate's fastest takes 4 µs for 8 %. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Of one frame opened; a record that is larger than a frame has one for itself. */
const LARGEST = 512 * FRAME;

export type SealedFile = { readonly path: string; readonly key: SubjectKey; readonly name: string };

export type SealedFileWriter = {
  /** Bytes of text given so far. */
  readonly bytes: number;
  add(text: Buffer): void;
  /** Writes full frames to the disk. */
  flush(): Promise<void>;
  /** Writes the last frame and waits until the disk has it all. */
  end(): Promise<void>;
  abandon(): Promise<void>;
};

export async function openSealedFileWriter(file: SealedFile): Promise<SealedFileWriter> {
  const handle = await open(file.path, 'w', 0o600);
  let pieces: Buffer[] = [];
  let held = 0;
  let bytes = 0;
  let frames = 0;

  async function write(last: boolean): Promise<void> {
    const text = zstdCompressSync(Buffer.concat(pieces), LEVEL);
    pieces = [];
    held = 0;
    const sealed = file.key.seal(text, context(file, frames, last));
    frames += 1;
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(sealed.length);
    await handle.writev([length, sealed]);
  }

  return {
    get bytes() {
      return bytes;
    },
    add(text) {
      pieces.push(text);
      held += text.length;
      bytes += text.length;
    },
    async flush() {
      if (held >= FRAME) await write(false);
    },
    async end() {
      await write(true);
      await handle.sync();
      await handle.close();
    },
    abandon: () => handle.close(),
  };
}

function context({ name }: SealedFile, frame: number, last: boolean): string {
  return `file/${name}/${frame}/${last ? 'last' : 'more'}`;
}

/** The text, a frame at a time. Throws when the file is not as it was written. */
export async function* readSealedFile(file: SealedFile): AsyncGenerator<Buffer> {
  const handle = await open(file.path, 'r');
  try {
    const { size } = await handle.stat();
    let at = 0;
    for (let frame = 0; ; frame += 1) {
      const length = (await bytesAt(handle, at, 4)).readUInt32BE(0);
      const sealed = await bytesAt(handle, at + 4, Math.min(length, size));
      at += 4 + length;
      const text = file.key.open(sealed, context(file, frame, at >= size));
      yield zstdDecompressSync(text, { maxOutputLength: LARGEST });
      if (at >= size) return;
    }
  } finally {
    await handle.close();
  }
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, at);
  if (bytesRead < length) throw new Error('a sealed file ends too early');
  return buffer;
}
