import { parseArgs } from 'node:util';
import type { Environment } from '../config.ts';
import { Halt } from '../platform/halt.ts';
import { openLog } from '../platform/log.ts';
import { openRooms } from '../rooms.ts';
import { withStore } from '../store.ts';
import { configOf } from './configuration.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect reindex [options]

Writes the index rows that stored records lack: of a tenant's own SearchParameters, or of a version
of this program that finds more than the one before. The server does the same beside its work; this
is for doing it at once, whether the server runs or not. Interrupted, it goes on where it was.

Options
  --tenant NAME   only this tenant's

Examples
  medconnect reindex
  medconnect reindex --tenant clinic
`;

export async function run(args: string[], env: Environment): Promise<number> {
  const { values } = parseArgs({ args, options: { tenant: { type: 'string' } } });
  const config = configOf(env);
  const log = openLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  return withStore(config, log, progress(log), async ({ database }) => {
    const { identity, records } = await openRooms(config, database, log);
    const name = values.tenant;
    const found = name === undefined ? undefined : await identity.findTenant(name);
    if (name !== undefined && found === undefined) throw new Halt(`There is no tenant ${name}.`);
    for (const tenant of found === undefined ? await identity.tenants() : [found]) {
      const done = await records.reindexer.finish(tenant);
      process.stdout.write(`Tenant ${tenant}: ${done} records indexed.\n`);
    }
    await records.reindexer.stop();
    return 0;
  });
}
