import { execFile } from 'node:child_process';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from './error-code.ts';

const execute = promisify(execFile);

/** Who uses the folder. `started` tells the process from a later one with the same number. */
export type Holder = {
  readonly pid: number;
  readonly started: string;
  /** Folder of PostgreSQL's socket, once it runs: a command beside the server connects there. */
  readonly socket?: string;
};

export type Lock = {
  /** Writes down where the database is. */
  announce(socket: string): Promise<void>;
  release(): Promise<void>;
};

/** Takes `<folder>/server.pid`, from a process that is gone too; else tells who has it. */
export async function takeLock(folder: string): Promise<{ lock: Lock } | { holder: Holder }> {
  const file = join(folder, 'server.pid');
  const own: Holder = { pid: process.pid, started: await startOf(process.pid) };
  // Each round either takes the file, finds a living holder, or removes a stale one.
  for (let round = 0; round < 5; round += 1) {
    if (await claim(file, own)) return { lock: lockOf(file, own) };
    const found = await read(file);
    if (found !== undefined && (await alive(found))) return { holder: found };
    await discard(file, found);
  }
  throw new Error(`The lock file ${file} changes hands too fast; try again.`);
}

/** The living process that holds the folder, if any. */
export async function holderOf(folder: string): Promise<Holder | undefined> {
  const found = await read(join(folder, 'server.pid'));
  return found !== undefined && (await alive(found)) ? found : undefined;
}

function lockOf(file: string, own: Holder): Lock {
  return {
    async announce(socket) {
      const next = `${file}.${process.pid}`;
      await writeFile(next, JSON.stringify({ ...own, socket }), { mode: 0o600 });
      await rename(next, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** A link appears whole or not at all: nobody reads a half-written lock. */
async function claim(file: string, own: Holder): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof found !== 'object' || found === null) return undefined;
    if (!('pid' in found) || typeof found.pid !== 'number') return undefined;
    const started = 'started' in found && typeof found.started === 'string' ? found.started : '';
    const socket = 'socket' in found && typeof found.socket === 'string' ? found.socket : undefined;
    return { pid: found.pid, started, ...(socket === undefined ? {} : { socket }) };
  } catch {
    return undefined;
  }
}

/** Two starters may find the same stale file: whoever moved a fresh one away puts it back. */
async function discard(file: string, stale: Holder | undefined): Promise<void> {
  const aside = `${file}.stale.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await read(aside);
  if (moved?.pid !== stale?.pid || moved?.started !== stale?.started) {
    await link(aside, file).catch(() => undefined);
  }
  await rm(aside, { force: true });
}

async function alive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (codeOf(error) !== 'EPERM') return false;
  }
  return (await startOf(holder.pid)) === holder.started;
}

/** When the process began: Linux counts ticks since this boot, elsewhere `ps` knows the time. */
async function startOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') {
      const [stat, boot] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8'),
        readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      ]);
      // proc(5): field 22 is starttime; the name in field 2 may hold spaces and brackets.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? 'ended' : `${boot.trim()}:${fields[19]}`;
    }
    return (await execute('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim();
  } catch {
    return 'unknown';
  }
}
