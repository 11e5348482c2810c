import { execFile, type SpawnOptions } from 'node:child_process';
import { access, chmod, chown, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** How PostgreSQL's programs are run, and who owns what they use. */
export type Owner = {
  /** The command line that runs a program as the owner. */
  readonly command: (program: string, args: readonly string[]) => [string, string[], SpawnOptions];
  /** Gives a file or folder to the owner. */
  readonly give: (path: string) => Promise<void>;
};

const USER = 'postgres';

const ourselves: Owner = {
  command: (program, args) => [program, [...args], {}],
  give: async () => undefined,
};

/**
 * PostgreSQL refuses to run as root. Under root it runs as the system user `postgres`, made when
 * absent; where that user may not walk to the program or the data (a folder under /root), it runs
 * as root's own double in a user namespace, in which root is called by another number.
 */
export async function postgresOwner(folder: string, program: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return ourselves;
  await access(folder, constants.W_OK);
  const closed = (await firstClosed(dirname(folder))) ?? (await firstClosed(dirname(program)));
  if (closed !== undefined) return namespaced(closed);
  const { uid, gid } = (await lookUp()) ?? (await make());
  // Root's files stay root's: others may only pass through.
  await chmod(folder, 0o711);
  return {
    command: (name, args) => [name, [...args], { uid, gid }],
    give: (path) => chown(path, uid, gid),
  };
}

/** Files made inside are root's outside. 1000 is any number but 0. */
const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000', '--'];

async function namespaced(closed: string): Promise<Owner> {
  try {
    await execute('unshare', [...NAMESPACE, 'true']);
  } catch (cause) {
    throw new Error(
      `PostgreSQL cannot run as root, the user ${USER} may not pass ${closed}, and this machine ` +
        'has no user namespaces. Run MedConnect as an ordinary user, move it to a folder others ' +
        'may enter, or set DATABASE_URL.',
      { cause },
    );
  }
  return {
    command: (program, args) => ['unshare', [...NAMESPACE, program, ...args], {}],
    give: async () => undefined,
  };
}

type Ids = { uid: number; gid: number };

async function lookUp(): Promise<Ids | undefined> {
  try {
    const [uid, gid] = await Promise.all([
      execute('id', ['-u', USER]),
      execute('id', ['-g', USER]),
    ]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function make(): Promise<Ids> {
  await execute('useradd', ['--system', '--user-group', '--no-create-home', USER]);
  const made = await lookUp();
  if (made === undefined) throw new Error(`The system user ${USER} could not be made.`);
  return made;
}

async function firstClosed(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return at;
    if (at === dirname(at)) return undefined;
  }
}
