import { cpus, totalmem } from 'node:os';
import pg from 'pg';
import type { Scratch } from './scratch.ts';
import { startBare } from './start-bare.ts';

/** One line about what the figures were taken on; a figure without it says little. */
export async function machineLine(scratch: Scratch): Promise<string> {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  return (
    `${cpus().length} cores (${model}), ${memory} GB, ${process.platform} ${process.arch}, ` +
    `Node ${process.version}, ${await postgresLine(scratch)}`
  );
}

async function postgresLine(scratch: Scratch): Promise<string> {
  const { url, stop } = await startBare(scratch, await scratch.folder());
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit`,
  );
  await client.end();
  await stop();
  const { version, fsync, commit } = rows[0];
  return `embedded PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}`;
}
