import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shortLivedKey } from '#phi';
import { codeOf } from '../../../platform/error-code.ts';
import type { AnswerFile } from './manifest.ts';
import { openSealedFileWriter, readSealedFile, type SealedFile } from './sealed-file.ts';

/** Where the files of jobs lie: `<data>/answer/<tenant>/<job>/<name>`, sealed, the owner's only. */
export type AnswerFolder = {
  prepare(tenant: number, job: string): Promise<string>;
  /** Writes lines of NDJSON as one file. */
  write(place: Place, file: Pick<AnswerFile, 'list' | 'type'>, lines: Lines): Promise<AnswerFile>;
  /** Writes bytes as they come; returns how many. */
  writeText(place: Place, pieces: AsyncIterable<Uint8Array>): Promise<number>;
  read(place: Place): AsyncGenerator<Buffer>;
  remove(tenant: number, job: string): Promise<void>;
  /** Removes what no job names any more, such as an upload its process did not outlive. */
  sweep(now: Date): Promise<void>;
};

export type Place = { tenant: number; job: string; name: string; secret: string };
type Lines = AsyncIterable<Buffer> | Iterable<Buffer>;

export function newSecret(): string {
  return randomBytes(32).toString('base64');
}

/** Twice what a job lives. */
const LEFT_HOURS = 48;
const LINE_FEED = Buffer.from('\n');

export function openAnswerFolder(dataFolder: string): AnswerFolder {
  const folderOf = (tenant: number, job: string) =>
    join(dataFolder, 'answer', String(Math.trunc(tenant)), job);
  const fileOf = ({ tenant, job, name, secret }: Place): SealedFile => ({
    name: `${job}/${name}`,
    path: join(folderOf(tenant, job), name),
    key: shortLivedKey(tenant, Buffer.from(secret, 'base64')),
  });
  return {
    async prepare(tenant, job) {
      const folder = folderOf(tenant, job);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    async write(place, { list, type }, lines) {
      const writer = await openSealedFileWriter(fileOf(place));
      let records = 0;
      try {
        for await (const line of lines) {
          writer.add(line);
          writer.add(LINE_FEED);
          records += 1;
          await writer.flush();
        }
        await writer.end();
      } catch (error) {
        await writer.abandon();
        throw error;
      }
      return { list, type, name: place.name, records, bytes: writer.bytes };
    },
    async writeText(place, pieces) {
      const writer = await openSealedFileWriter(fileOf(place));
      try {
        for await (const piece of pieces) {
          writer.add(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
          await writer.flush();
        }
        await writer.end();
      } catch (error) {
        await writer.abandon();
        throw error;
      }
      return writer.bytes;
    },
    read: (place) => readSealedFile(fileOf(place)),
    async sweep(now) {
      const home = join(dataFolder, 'answer');
      for (const tenant of await namesIn(home)) {
        for (const job of await namesIn(join(home, tenant))) {
          const { mtimeMs } = await stat(join(home, tenant, job));
          const age = now.getTime() - mtimeMs;
          if (age > LEFT_HOURS * 3_600_000) await rm(join(home, tenant, job), { recursive: true });
        }
      }
    },
    remove: (tenant, job) => rm(folderOf(tenant, job), { recursive: true, force: true }),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
