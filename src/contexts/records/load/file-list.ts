import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Refusal } from './batch.ts';

export type ListedFile = { path: string } & (
  | { size: number; key: string }
  | { refused: Refusal }
  | { ignored: true }
);

const readable = /\.(json|ndjson|jsonl|gz|tgz|xz|txz|tar)$/i;

/**
 * Whether a name promises something to read. Files named by the user are read whatever their name.
 */
export function looksReadable(name: string): boolean {
  const own = name.slice(name.lastIndexOf('/') + 1);
  return readable.test(own) && !own.startsWith('.');
}

/**
 * All files of these files and folders, folders walked depth first in the order of names' code
 * units, so the order is the same in every run and under every locale. Links to folders are not
 * followed: they may lead in circles.
 */
export async function listFiles(paths: readonly string[]): Promise<ListedFile[]> {
  const listed: ListedFile[] = [];
  for (const path of paths) await list(path, listed, true);
  return listed;
}

async function list(path: string, listed: ListedFile[], named: boolean): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) await listFolder(path, listed);
    else if (!found.isFile() || !(named || looksReadable(path)))
      listed.push({ path, ignored: true });
    else listed.push({ path, size: found.size, key: keyOf(path, found.size, found.mtimeMs) });
  } catch (error) {
    listed.push({ path, refused: fileRefusal(error) });
  }
}

async function listFolder(path: string, listed: ListedFile[]): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    const inner = join(path, entry.name);
    if (!entry.isSymbolicLink()) await list(inner, listed, false);
    else if ((await stat(inner).catch(() => undefined))?.isDirectory()) {
      listed.push({ path: inner, ignored: true });
    } else await list(inner, listed, false);
  }
}

function keyOf(path: string, size: number, mtimeMs: number): string {
  const digest = createHash('sha256').update(`${resolve(path)}\0${size}\0${mtimeMs}`);
  return digest.digest('hex').slice(0, 32);
}

/** The system's own word for what is wrong with a file, without its path. */
export function fileRefusal(error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT') return { code: 'not-found', text: 'There is no such file or folder.' };
  if (code === 'EACCES' || code === 'EPERM') {
    return { code: 'unreadable', text: 'The file system does not permit reading it.' };
  }
  return { code: 'unreadable', text: `The file system cannot read it (${code}).` };
}
