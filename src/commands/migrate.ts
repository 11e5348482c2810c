import { parseArgs } from 'node:util';
import type { Environment } from '../config.ts';
import { openLog } from '../platform/log.ts';
import { withStore } from '../store.ts';
import { configOf } from './configuration.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect migrate

Brings the database up to this version and says what it applied. The server does the same when it
starts; this is for doing it before, with DATABASE_URL and one connection.

Examples
  medconnect migrate
  DATABASE_URL=postgresql://user:password@db.example.org/medconnect medconnect migrate
`;

export async function run(args: string[], env: Environment): Promise<number> {
  parseArgs({ args, options: {} });
  const config = configOf(env);
  const log = openLog(config.logLevel);
  const applied = await withStore(config, log, progress(log), async (store) => store.applied);
  const lines = applied.map((name) => `applied ${name}\n`);
  process.stdout.write(lines.length > 0 ? lines.join('') : 'The database is up to date.\n');
  return 0;
}
