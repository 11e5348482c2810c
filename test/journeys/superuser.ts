import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Whoever owns the machine: past the program, its role and row-level security. */
export async function superuser(folder: string): Promise<pg.Client> {
  const password = (await readFile(join(folder, 'postgres.password'), 'utf8')).trim();
  const host = encodeURIComponent(join(folder, 'run'));
  const client = new pg.Client(`postgresql://postgres:${password}@/postgres?host=${host}`);
  await client.connect();
  return client;
}
