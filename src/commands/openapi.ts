import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openApp } from '../app.ts';
import { type Environment, readConfig } from '../config.ts';
import { openLog } from '../platform/log.ts';
import type { Database } from '../platform/postgres/database.ts';
import { type Say, withStore } from '../store.ts';

export const usage = `medconnect openapi [--output FILE]

Writes the OpenAPI 3.1 document of every path, made from the routes themselves. Your data is not
touched: the contexts are opened over an empty database that is thrown away afterwards. A running
server answers the same at /openapi.json.

Options
  --output FILE   where to write it (openapi.json); - is standard output

Examples
  medconnect openapi
  medconnect openapi --output - | jq '.paths | keys'
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { output: { type: 'string', default: 'openapi.json' } },
  });
  const text = await withThrowaway((database, folder) => openApiText(database, folder));
  if (values.output === '-') process.stdout.write(text);
  else await writeFile(values.output, text);
  return 0;
}

/** The document as it is committed. `folder` takes the keys the contexts make when they open. */
export async function openApiText(database: Database, folder: string): Promise<string> {
  const app = await openApp(configIn({ MEDCONNECT_DATA: folder }), database, openLog('silent'));
  try {
    return `${JSON.stringify(app.openApi(), undefined, 2)}\n`;
  } finally {
    await app.stop(0);
  }
}

async function withThrowaway<T>(work: (database: Database, folder: string) => Promise<T>) {
  const folder = await mkdtemp(join(tmpdir(), 'medconnect-openapi-'));
  // Under root PostgreSQL runs as another user, who must be able to walk through.
  await chmod(folder, 0o711);
  const quiet: Say = () => undefined;
  try {
    const config = configIn({ MEDCONNECT_DATA: join(folder, 'data') });
    return await withStore(config, openLog('silent'), quiet, ({ database }) =>
      work(database, join(folder, 'keys')),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The defaults: the document must not depend on who makes it. */
function configIn(env: Environment) {
  const result = readConfig(env);
  if ('config' in result) return result.config;
  throw new Error(result.mistakes.join(' '));
}
