import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../src/platform/log.ts';
import { type EmbeddedPostgres, startEmbedded } from '../src/platform/postgres/embedded.ts';

let server: EmbeddedPostgres | undefined;
let folder = '';

/** One PostgreSQL for the whole run: each test file makes a database of its own in it. */
export async function globalSetup(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'medconnect-test-'));
  server = await startEmbedded(folder, openLog('silent'));
  process.env['MEDCONNECT_TEST_PG'] = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}
