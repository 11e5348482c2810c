import { execFile } from 'node:child_process';
import { access, chmod, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Whom PostgreSQL runs as. Empty: as we do. */
export type Owner = { uid?: number; gid?: number };

const USER = 'postgres';

/**
 * PostgreSQL refuses to run as root, so under root it runs as the system user `postgres`, which is
 * made when absent. That user must be able to walk to the program and to its data.
 */
export async function postgresOwner(folder: string, program: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const owner = (await lookUp()) ?? (await make());
  for (const path of [program, folder]) {
    const closed = await firstClosed(dirname(path));
    if (closed !== undefined) {
      throw new Error(
        `PostgreSQL cannot run as root, and the user ${USER} may not pass ${closed}. ` +
          'Run MedConnect as an ordinary user, move it to a folder others may enter, ' +
          'or set DATABASE_URL.',
      );
    }
  }
  await access(folder, constants.W_OK);
  await chmod(folder, 0o711);
  return owner;
}

async function lookUp(): Promise<Owner | undefined> {
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

async function make(): Promise<Owner> {
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
