import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

/** One context's folder of `NNNN-what.sql` files; its schema is called like the context. */
export type MigrationFolder = { context: string; folder: string };

/** The role every statement of the program runs as: bound by row-level security, owner of all. */
export const APPLICATION_ROLE = 'medconnect';

const LOCK = 7_226_411_098_001n;

/**
 * Brings the database up to the files, each file in a transaction of its own, in the order given.
 * Throws a plain sentence when the database is newer than this program.
 */
export async function migrate(url: string, folders: readonly MigrationFolder[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('set client_min_messages = warning');
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await requireVersion(client);
    await ensureRoleAmongOthers(client);
    return await apply(client, folders);
  } finally {
    await client.end();
  }
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  );
  const version = Math.floor(Number(rows[0]?.version) / 10_000);
  if (version < 15) throw new Error(`PostgreSQL ${version} is too old: 15 or newer is needed.`);
}

/** 42710, 23505, XX000: another database of this cluster is being migrated at the same moment. */
const overtaken = new Set(['42710', '23505', 'XX000']);
const ATTEMPTS = 10;

/** The role belongs to the cluster, where no lock of ours reaches. */
async function ensureRoleAmongOthers(client: pg.Client): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ensureRole(client);
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!overtaken.has(code) || attempt === ATTEMPTS) throw error;
      await setTimeout(10 * attempt);
    }
  }
}

async function ensureRole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ bound: boolean; exists: boolean }>(
    `select not (rolsuper or rolbypassrls) as bound,
            exists (select from pg_roles where rolname = $1) as exists
       from pg_roles where rolname = current_user`,
    [APPLICATION_ROLE],
  );
  if (rows[0]?.exists === false) {
    await client.query(`create role ${APPLICATION_ROLE} nologin nosuperuser nobypassrls`);
  }
  if (rows[0]?.bound === true) {
    await client.query(`grant ${APPLICATION_ROLE} to current_user`).catch(() => undefined);
  }
  const database = client.database ?? 'postgres';
  await client.query(
    `grant create, connect on database ${pg.escapeIdentifier(database)} to ${APPLICATION_ROLE}`,
  );
  await client.query(`set role ${APPLICATION_ROLE}`);
}

async function apply(client: pg.Client, folders: readonly MigrationFolder[]): Promise<string[]> {
  await client.query(`
    create schema if not exists platform;
    create table if not exists platform.migration (
      context text not null, name text not null, sha256 text not null,
      applied_at timestamptz not null default now(), primary key (context, name));
    comment on table platform.migration is 'not tenant-bound: what was done to the schemas'`);
  const { rows } = await client.query<{ context: string; name: string; sha256: string }>(
    'select context, name, sha256 from platform.migration',
  );
  const done = new Map(rows.map((row) => [`${row.context}/${row.name}`, row.sha256]));
  const applied: string[] = [];
  for (const { context, folder } of folders) {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
    for (const name of files) {
      const key = `${context}/${name}`;
      const text = await readFile(join(folder, name), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      const before = done.get(key);
      done.delete(key);
      if (before === undefined) {
        await applyOne(client, { context, name, text, sha256 });
        applied.push(key);
      } else if (before !== sha256) {
        throw new Error(`Migration ${key} was applied in another form: restore that file.`);
      }
    }
  }
  const newer = [...done.keys()];
  if (newer.length > 0) {
    throw new Error(
      `The database is of a newer MedConnect (it has ${newer[0]}): start that version instead.`,
    );
  }
  return applied;
}

async function applyOne(
  client: pg.Client,
  file: { context: string; name: string; text: string; sha256: string },
): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`create schema if not exists ${pg.escapeIdentifier(file.context)}`);
    await client.query(file.text);
    await client.query(
      'insert into platform.migration (context, name, sha256) values ($1, $2, $3)',
      [file.context, file.name, file.sha256],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`Migration ${file.context}/${file.name} failed.`, { cause: error });
  }
}
