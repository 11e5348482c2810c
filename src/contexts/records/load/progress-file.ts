import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is kept of a load that has not ended; it names files by digest only. */
export type Kept = {
  /** Of a load begun with --restart: tells its texts from those of loads before. */
  readonly round: string;
  readonly done: ReadonlyMap<string, number>;
  /** Put off until everything else is stored, by file and ordinal. */
  readonly later: ReadonlyMap<string, ReadonlySet<number>>;
  readonly refused: number;
};

/** So often at most: it only saves time, what is stored is known exactly without it. */
const EVERY_MS = 500;

export type ProgressFile = {
  read(): Promise<Kept | undefined>;
  /** Soon, not at once; `kept` is called then. */
  save(kept: () => Kept): void;
  /** Now, and whatever `save` has begun is over. */
  flush(kept: Kept): Promise<void>;
  remove(): Promise<void>;
};

/** `about`: what is loaded and where to, so that another load has another file. */
export function openProgressFile(folder: string, about: readonly string[]): ProgressFile {
  const digest = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32);
  const file = join(folder, `${digest}.json`);
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const write = (kept: Kept) => {
    writing = writing.then(() => writeKept(folder, file, kept));
    return writing;
  };
  const calm = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    read: () => readKept(file),
    save(kept) {
      timer ??= setTimeout(() => {
        timer = undefined;
        // A full disk is told by the last write, which is waited for.
        write(kept()).catch(() => undefined);
      }, EVERY_MS);
    },
    flush(kept) {
      calm();
      writing = writing.catch(() => undefined);
      return write(kept);
    },
    async remove() {
      calm();
      await writing.catch(() => undefined);
      await rm(file, { force: true });
    },
  };
}

/** Renamed into place, so that a killed process leaves the old file or the new one. */
async function writeKept(folder: string, file: string, kept: Kept): Promise<void> {
  const done = [...kept.done].map(([key, ordinal]) => [key, ordinal === Infinity ? -1 : ordinal]);
  const later = [...kept.later].map(([key, ordinals]) => [key, [...ordinals]]);
  const text = JSON.stringify({ round: kept.round, refused: kept.refused, done, later });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** One that is not there or cannot be read costs time, nothing else. */
async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    const { round, refused, done, later } = Object(kept) as Record<string, unknown>;
    return {
      round: String(round),
      refused: Number(refused) || 0,
      done: new Map(pairs(done).map(([key, at]) => [key, at === -1 ? Infinity : Number(at)])),
      later: new Map(pairs(later).map(([key, list]) => [key, new Set(numbers(list))])),
    };
  } catch {
    return undefined;
  }
}

function pairs(value: unknown): [string, unknown][] {
  if (!Array.isArray(value)) return [];
  return value.map((pair: unknown): [string, unknown] => {
    const [key, rest] = Array.isArray(pair) ? pair : [];
    return [String(key), rest];
  });
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}
