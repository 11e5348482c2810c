import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The real program as a child process. */
export type Program = {
  readonly child: ChildProcess;
  /** The address in the ready line; rejects when the program ends before. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr shows the text. */
  logged(text: string): Promise<void>;
};
export type Ended = { code: number | null; signal: string | null; out: string; err: string };

const main = join(import.meta.dirname, '../src/main.ts');

/** No setting of the surroundings reaches it; a free port unless told. */
export function program(args: readonly string[], env: Record<string, string>): Program {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const watchers = new Set<() => void>();
  const seen = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    seen();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    seen();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  const shown = (found: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const watcher = () => found() && resolve();
      watchers.add(watcher);
      watcher();
      void ended.then(() => reject(new Error(`it ended before: ${out}${err}`)));
    });
  const address = () => /MedConnect is ready at (\S+)/.exec(out)?.[1];
  const ready = shown(() => address() !== undefined).then(() => address() ?? '');
  ready.catch(() => undefined);
  return { child, ready, ended, logged: (text) => shown(() => err.includes(text)) };
}

/** An empty folder for its data; the caller removes it. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'medconnect-program-'));
  // Under root PostgreSQL runs as another user, who must be able to walk through.
  await chmod(folder, 0o711);
  return folder;
}
