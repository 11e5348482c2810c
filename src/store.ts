import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { codeOf } from './platform/error-code.ts';
import { prepareFolder } from './platform/folder.ts';
import { Halt } from './platform/halt.ts';
import { type Holder, holderOf, type Lock, takeLock } from './platform/lock.ts';
import type { Log } from './platform/log.ts';
import { type Database, openDatabase } from './platform/postgres/database.ts';
import { startEmbedded } from './platform/postgres/embedded.ts';
import { APPLICATION_ROLE, type MigrationFolder, migrate } from './platform/postgres/migrate.ts';

/** The database, migrated, and the data folder beside it. */
export type Store = {
  readonly database: Database;
  /** Migrations this opening applied, as `context/name`. */
  readonly applied: readonly string[];
  close(): Promise<void>;
};

export type Say = (line: string) => void;

/** Takes the data folder for this process; one line says who has it already. */
export async function takeFolder(config: Config): Promise<Lock> {
  await prepareFolder(config.dataFolder);
  const taken = await takeLock(config.dataFolder);
  if ('lock' in taken) return taken.lock;
  throw new Halt(
    `Another MedConnect (pid ${taken.holder.pid}) uses ${config.dataFolder}; ` +
      'stop it or set MEDCONNECT_DATA.',
  );
}

/** Opens the database for the process that holds the folder; a PostgreSQL of our own is started. */
export async function openStore(config: Config, lock: Lock, log: Log, say: Say): Promise<Store> {
  if (config.databaseUrl !== undefined) return connect(config, config.databaseUrl);
  const { dataFolder } = config;
  const first = !(await exists(join(dataFolder, 'postgres', 'PG_VERSION')));
  if (first) say('Making the database (once, a few seconds)…');
  const postgres = await startEmbedded(dataFolder, log);
  try {
    await lock.announce(socketOf(postgres.url));
    const store = await connect(config, postgres.url);
    return {
      ...store,
      async close() {
        await store.close();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/**
 * For a command that does its work and ends: beside a running server it uses that server's
 * database; alone it takes the folder, opens what is needed and leaves nothing running.
 */
export async function withStore<T>(
  config: Config,
  log: Log,
  say: Say,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const holder = await holderOf(config.dataFolder);
  if (holder !== undefined) {
    return use(await connect(config, config.databaseUrl ?? (await urlOf(config, holder))), work);
  }
  const lock = await takeFolder(config);
  try {
    return await use(await openStore(config, lock, log, say), work);
  } finally {
    await lock.release();
  }
}

async function use<T>(store: Store, work: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function urlOf({ dataFolder }: Config, holder: Holder): Promise<string> {
  if (holder.socket === undefined) {
    throw new Halt(`MedConnect (pid ${holder.pid}) is just starting; try again when it is ready.`);
  }
  const password = (await readFile(join(dataFolder, 'postgres.password'), 'utf8')).trim();
  const host = encodeURIComponent(holder.socket);
  return `postgresql://postgres:${password}@/postgres?host=${host}`;
}

function socketOf(url: string): string {
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('host') ?? '';
}

async function connect(config: Config, url: string): Promise<Store> {
  const applied = await migrate(url, await migrationFolders()).catch((error: unknown) => {
    throw databaseProblem(error);
  });
  const database = openDatabase({
    url,
    connections: config.databaseConnections,
    role: APPLICATION_ROLE,
    statementTimeoutMs: config.statementTimeoutMs,
  });
  return { database, applied, close: () => database.close() };
}

/** Every context's migrations; no foreign key crosses contexts, so their order does not matter. */
export async function migrationFolders(): Promise<MigrationFolder[]> {
  const home = join(import.meta.dirname, 'contexts');
  const folders = (await readdir(home)).sort().map((context) => ({
    context,
    folder: join(home, context, 'migrations'),
  }));
  const there = await Promise.all(folders.map(({ folder }) => exists(folder)));
  return folders.filter((_, index) => there[index]);
}

/** Without the address: it holds the password. */
function databaseProblem(error: unknown): unknown {
  const reason = reasons[codeOf(error) ?? ''];
  if (reason === undefined) return error;
  return new Halt(`The database ${reason}. Look at it, or correct DATABASE_URL.`, {
    cause: error,
  });
}

/** Node's codes and PostgreSQL's (appendix A). */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is down: nothing listens at its address',
  ENOENT: 'is down: its socket is not there',
  ENOTFOUND: 'has an unknown host name',
  EAI_AGAIN: 'has a host name that cannot be looked up now',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ECONNRESET: 'closed the connection',
  '28000': 'refuses this user',
  '28P01': 'refuses this user and password',
  '3D000': 'does not exist on that server',
  '42501': 'does not let its user make the role and schemas of MedConnect',
  '53300': 'has no connection left',
  '57P03': 'is still starting or stopping',
};

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
