import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Batch, Progress, Refusal, Source, Unit } from './batch.ts';
import type { DocumentLimits } from './document.ts';
import { documents, usualLimits } from './document.ts';
import type { ListedFile } from './file-list.ts';
import { fileRefusal, listFiles } from './file-list.ts';
import type { Member } from './unpack.ts';
import { unpack } from './unpack.ts';
import { SeveralStreams } from './xz.ts';

export interface ReadOptions {
  /**
   * Resources of one batch at most; Bundles come alone. A hundred is what one transaction takes.
   */
  batchResources?: number;
  /** What is done already: up to which ordinal, by the key of the file; Infinity for all of it. */
  done?: ReadonlyMap<string, number>;
  /** Only these ordinals of these files, for a second look at what was put off. */
  only?: ReadonlyMap<string, ReadonlySet<number>>;
  /** One document is parsed whole: what its text may measure bounds the memory. */
  limits?: DocumentLimits;
}

type ReadableFile = Extract<ListedFile, { key: string }>;

const batchBytes = 2 * 1024 * 1024;

/**
 * Reads FHIR resources from files and folders: NDJSON, single resources and Bundles as JSON, plain
 * or in gzip, xz and tar, told apart by their content. Streams: memory holds one batch and one
 * document. What cannot be read is yielded as refused and reading goes on; nothing is thrown.
 */
export async function* readResources(
  paths: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<Batch> {
  const files = directoriesFirst(await listFiles(paths));
  const bytesTotal = files.reduce((sum, file) => sum + ('size' in file ? file.size : 0), 0);
  let bytesBefore = 0;
  for (const file of files) {
    const source = { file: file.path };
    const progress = { position: { key: '', ordinal: 0 }, bytesRead: bytesBefore, bytesTotal };
    if ('refused' in file) yield { kind: 'refused', source, refused: file.refused, ...progress };
    else if ('ignored' in file) yield { kind: 'ignored', source, ...progress };
    else {
      yield* new FileReading(file, options, { bytesBefore, bytesTotal }).batches();
      bytesBefore += file.size;
    }
  }
}

/**
 * Synthea names who gives care in files of their own, and its patients' Bundles refer to them by
 * identifier: these are read first.
 */
function directoriesFirst(files: readonly ListedFile[]): ListedFile[] {
  const rank = ({ path }: ListedFile) =>
    /^(hospital|practitioner)Information/.test(basename(path)) ? 0 : 1;
  return files.toSorted((one, other) => rank(one) - rank(other));
}

/** One file being read: counts bytes and ordinals, and gathers resources into batches. */
class FileReading {
  #file: ReadableFile;
  #batchResources: number;
  #limits: DocumentLimits;
  #doneUpTo: number;
  #only: ReadonlySet<number> | undefined;
  #bytes: { bytesBefore: number; bytesTotal: number };
  #bytesRead = 0;
  #ordinal = 0;
  #units: Unit[] = [];
  #unitBytes = 0;

  constructor(
    file: ReadableFile,
    options: ReadOptions,
    bytes: { bytesBefore: number; bytesTotal: number },
  ) {
    this.#file = file;
    this.#batchResources = options.batchResources ?? 100;
    this.#limits = options.limits ?? usualLimits;
    this.#doneUpTo = options.done?.get(file.key) ?? 0;
    if (options.only !== undefined) this.#only = options.only.get(file.key) ?? new Set();
    this.#bytes = bytes;
  }

  async *batches(): AsyncGenerator<Batch> {
    const source = { file: this.#file.path };
    if (this.#doneUpTo !== Infinity && this.#only?.size !== 0) {
      try {
        for await (const member of unpack(this.#read())) yield* this.#member(member);
      } catch (error) {
        yield* this.#refuse(source, streamRefusal(error));
      }
      yield* this.#flush();
    }
    this.#bytesRead = this.#file.size;
    yield { kind: 'end', source, ...this.#progress() };
  }

  async *#read(): AsyncGenerator<Buffer> {
    const chunks = createReadStream(this.#file.path, { highWaterMark: 256 * 1024 });
    for await (const chunk of chunks) {
      this.#bytesRead += chunk.length;
      yield chunk;
    }
  }

  async *#member(member: Member): AsyncGenerator<Batch> {
    const source: Source = {
      file: this.#file.path,
      ...(member.name === undefined ? {} : { member: member.name }),
    };
    if ('refused' in member) {
      yield* this.#refuse(source, member.refused);
    } else if ('ignored' in member) {
      yield* this.#flush();
      if (this.#next()) yield { kind: 'ignored', source, ...this.#progress() };
    } else {
      try {
        yield* this.#documents(source, member.bytes);
      } catch (error) {
        yield* this.#refuse(source, streamRefusal(error));
      }
    }
  }

  async *#documents(
    source: Source,
    bytes: Extract<Member, { bytes: unknown }>['bytes'],
  ): AsyncGenerator<Batch> {
    const name = source.member ?? source.file;
    const skip = () => !this.#wanted(this.#ordinal + 1);
    for await (const document of documents(bytes, name, this.#limits, skip)) {
      const from: Source =
        document.line === undefined ? source : { ...source, line: document.line };
      if ('refused' in document) {
        yield* this.#refuse(from, document.refused);
        continue;
      }
      if ('skipped' in document) {
        this.#ordinal += 1;
        continue;
      }
      const { resource, digest } = document;
      if (resource['resourceType'] === 'Bundle') yield* this.#flush();
      this.#ordinal += 1;
      const { bytes } = document;
      const unit: Unit = { source: from, ordinal: this.#ordinal, digest, bytes, resource };
      if (resource['resourceType'] === 'Bundle') {
        yield { kind: 'bundle', unit, ...this.#progress() };
        continue;
      }
      this.#units.push(unit);
      this.#unitBytes += document.bytes;
      const full = this.#units.length >= this.#batchResources || this.#unitBytes >= batchBytes;
      if (full) yield* this.#flush();
    }
  }

  *#refuse(source: Source, refused: Refusal): Generator<Batch> {
    yield* this.#flush();
    if (this.#next()) yield { kind: 'refused', source, refused, ...this.#progress() };
  }

  *#flush(): Generator<Batch> {
    if (this.#units.length === 0) return;
    const units = this.#units;
    this.#units = [];
    this.#unitBytes = 0;
    yield { kind: 'resources', units, ...this.#progress() };
  }

  /** Counts one more thing found; false if an earlier run has told of it. */
  #next(): boolean {
    this.#ordinal += 1;
    return this.#wanted(this.#ordinal);
  }

  #wanted(ordinal: number): boolean {
    return ordinal > this.#doneUpTo && (this.#only === undefined || this.#only.has(ordinal));
  }

  #progress(): Progress {
    const { bytesBefore, bytesTotal } = this.#bytes;
    const bytesRead = bytesBefore + Math.min(this.#bytesRead, this.#file.size);
    return { position: { key: this.#file.key, ordinal: this.#ordinal }, bytesRead, bytesTotal };
  }
}

function streamRefusal(error: unknown): Refusal {
  if (error instanceof SeveralStreams) {
    const text = 'It holds several xz streams in a row: compress it again as one.';
    return { code: 'unsupported', text };
  }
  const syscall = error instanceof Error && 'syscall' in error;
  if (syscall) return fileRefusal(error);
  return { code: 'damaged', text: 'The compressed data is damaged or cut short here.' };
}
