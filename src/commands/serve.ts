import { parseArgs } from 'node:util';
import { openApp } from '../app.ts';
import type { Config, Environment } from '../config.ts';
import { makeDemo } from '../demo.ts';
import { demoPatients } from '../demo-patients.ts';
import { freePort, portProblem, requireFreePort } from '../platform/free-port.ts';
import { type Log, openLog } from '../platform/log.ts';
import { openStore, takeFolder } from '../store.ts';
import { type Closers, closers } from './closers.ts';
import { configOf } from './configuration.ts';
import { stopRequest } from './stop-request.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect serve

Starts MedConnect and serves until it is stopped (Ctrl-C, SIGTERM). When it is ready it prints one
line with its address. Without DATABASE_URL it starts a PostgreSQL of its own in the data folder.
Outside NODE_ENV=production the first start makes a demo tenant and prints its accounts.

Settings come from the environment; \`medconnect config\` lists them all.

Examples
  medconnect serve
  PORT=9090 MEDCONNECT_DATA=/var/lib/medconnect medconnect serve
  DATABASE_URL=postgresql://user:password@db.example.org/medconnect medconnect serve
`;

/** Seconds a request in flight has to end; Kubernetes' own patience is 30 too. */
const PATIENCE_MS = 30_000;

export async function run(args: string[], env: Environment): Promise<number> {
  parseArgs({ args, options: {} });
  const config = await withPort(configOf(env));
  const log = openLog(config.logLevel);
  const stop = stopRequest(log);
  const opened = closers();
  try {
    const ready = await start(config, log, opened, stop.requested);
    if (ready !== undefined) {
      process.stdout.write(ready);
      await stop.request;
      log.info('stopping');
    }
  } finally {
    await opened.close();
  }
  return stop.failed() ? 1 : 0;
}

/** PORT=0: a free one, known before anything is opened, because links are written with it. */
async function withPort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const port = await freePort(config.host);
  return { ...config, port, baseUrl: config.baseUrl.replace(/:0$/, `:${port}`) };
}

/** Undefined when it was told to stop on the way: what is open by then is closed by the caller. */
async function start(
  config: Config,
  log: Log,
  opened: Closers,
  stopping: () => boolean,
): Promise<string | undefined> {
  const say = progress(log);
  const lock = await takeFolder(config);
  opened.add(() => lock.release());
  await requireFreePort(config.host, config.port);
  if (stopping()) return undefined;
  const store = await openStore(config, lock, log, say);
  opened.add(() => store.close());
  if (stopping()) return undefined;
  const app = await openApp(config, store.database, log);
  opened.add(() => app.stop(PATIENCE_MS));
  app.audit.start();
  app.records.relay.start();
  app.records.jobs.start();
  app.records.reindexer.start(app.identity.tenants);
  const { mode, host, port } = config;
  const { identity, records } = app;
  const loadDemo = demoPatients(records, say);
  const demo =
    mode === 'production' ? undefined : await makeDemo({ config, identity, say, loadDemo });
  const [tenant] = await identity.tenants();
  if (tenant !== undefined) await records.warm(tenant);
  if (stopping()) return undefined;
  const address = await app.server.listen({ host, port }).catch((error: unknown) => {
    throw portProblem(error, host, port);
  });
  return (
    `MedConnect is ready at ${address} ` +
    `(docs ${address}/docs, console ${address}/, health ${address}/health)\n` +
    (demo ?? '')
  );
}
