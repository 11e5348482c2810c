import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openLog } from '../src/platform/log.ts';
import { type Database, openDatabase } from '../src/platform/postgres/database.ts';
import { startEmbedded } from '../src/platform/postgres/embedded.ts';
import {
  APPLICATION_ROLE,
  type MigrationFolder,
  migrate,
} from '../src/platform/postgres/migrate.ts';

export type TestDatabase = {
  /** Superuser's connection string, for looking behind row-level security. */
  url: string;
  database: Database;
  close(): Promise<void>;
};

/**
 * A migrated database of its own on a real PostgreSQL: the one the test run started
 * (MEDCONNECT_TEST_PG), or an embedded one that lives as long as this file's tests. `alone`: always
 * the latter, for tests of when something happens, since transactions of other databases on a
 * server hold its snapshots back.
 */
export async function testDatabase(
  folders: readonly MigrationFolder[],
  place: 'shared' | 'alone' = 'shared',
): Promise<TestDatabase> {
  const server = await serverUrl(place === 'alone');
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asSuperuser(server.url, `create database ${name}`);
  const url = withDatabase(server.url, name);
  await migrate(url, folders);
  const database = openDatabase({
    url,
    connections: 6,
    role: APPLICATION_ROLE,
    statementTimeoutMs: 30_000,
  });
  return {
    url,
    database,
    async close() {
      await database.close();
      await asSuperuser(server.url, `drop database ${name} with (force)`);
      await server.stop();
    },
  };
}

async function serverUrl(alone: boolean): Promise<{ url: string; stop(): Promise<void> }> {
  const shared = process.env['MEDCONNECT_TEST_PG'];
  if (shared !== undefined && !alone) return { url: shared, stop: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'medconnect-test-'));
  const embedded = await startEmbedded(folder, openLog('silent'));
  return {
    url: embedded.url,
    async stop() {
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  return url.replace(/\/postgres\?/, `/${name}?`);
}
