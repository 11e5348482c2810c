import { join } from 'node:path';
import {
  type BatchSource,
  type LoadOrder,
  type LoadSum,
  load,
  openProgressFile,
  ProgressWriter,
  readResources,
  syntheticBatches,
} from '#records';
import type { Config, Environment } from '../config.ts';
import { DEMO_TENANT } from '../demo.ts';
import { loadingCaller } from '../loading-caller.ts';
import { Halt } from '../platform/halt.ts';
import { type Log, openLog } from '../platform/log.ts';
import { openRooms, type Rooms } from '../rooms.ts';
import { type Say, withStore } from '../store.ts';
import { configOf } from './configuration.ts';
import { aboutRequest, type LoadRequest, readRequest } from './load-request.ts';
import { summary } from './load-summary.ts';
import { stopRequest } from './stop-request.ts';
import { progress } from './terminal.ts';

export const usage = `medconnect load <files or folders…> [options]
medconnect load --synthetic N [--seed S] [options]

Stores FHIR R4 resources, whether the server runs or not. It reads NDJSON, single resources and
Bundles, plain or in .gz, .xz and .tar, told apart by their content; folders with all below them.

A Bundle is stored whole or not at all. Resources that stand for themselves (NDJSON) are stored
under their own id. What is refused is told in a line, by file and line number, and left out; the
rest goes on. The same text is stored once: run the same command again after an interruption, or
after mending what was refused, and only what is missing is stored.

Exit code 0: all is stored. 1: something was refused, or the store failed. 2: not understood.
130: stopped by Ctrl-C; the same command goes on from there.

Options
  --tenant NAME     whose records they become; needed when there are several tenants and no demo
  --synthetic N     no files: N patients made up, whole records, the same for the same seed
  --seed S          another population (1)
  --dry-run         only read and check; nothing is stored, no tenant is needed
  --resume          go on where the last run of this command stopped; it does so anyway
  --restart         from the start, and store again what is stored already
  --concurrency N   transactions at once (4)

Examples
  medconnect load export/
  medconnect load Patient.ndjson.gz Observation.ndjson.gz --tenant clinic
  medconnect load synthea.tar.xz --dry-run
  medconnect load --synthetic 1000 --seed 7
  medconnect load export/ 2> refused.txt
`;

export async function run(args: string[], env: Environment): Promise<number> {
  const request = readRequest(args);
  if (typeof request === 'string') {
    process.stderr.write(`medconnect: ${request} See medconnect load --help.\n`);
    return 2;
  }
  const config = configOf(env);
  const log = openLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const stop = stopRequest(log);
  const order = orderFrom(request, config, stop.requested);
  const sum = request.dryRun
    ? await shown(order)
    : await stored({ request, config, log, say: progress(log) }, order);
  process.stdout.write(summary(sum, request.dryRun));
  if (sum.stopped) return stop.failed() ? 1 : 130;
  return sum.refused > 0 ? 1 : 0;
}

/** Room for what is not a transaction of the load: the audit's sequencer, a look-up. */
const SPARE_CONNECTIONS = 2;

type Parts = { request: LoadRequest; config: Config; log: Log; say: Say };

async function stored(parts: Parts, order: LoadOrder): Promise<LoadSum> {
  const { request, log, say } = parts;
  const databaseConnections = request.concurrency + SPARE_CONNECTIONS;
  const config = { ...parts.config, databaseConnections };
  return withStore(config, log, say, async ({ database }) => {
    const rooms = await openRooms(config, database, log);
    const tenant = await tenantOf(request, config, rooms);
    const { store } = rooms.records;
    rooms.audit.start();
    try {
      return await shown({
        ...order,
        target: { store, caller: loadingCaller(tenant) },
        progressFile: openProgressFile(join(config.dataFolder, 'load'), [
          `tenant ${tenant}`,
          ...aboutRequest(request),
        ]),
      });
    } finally {
      await rooms.audit.stop();
    }
  });
}

async function shown(order: LoadOrder): Promise<LoadSum> {
  const writer = new ProgressWriter(process.stderr);
  const sum = await load({
    ...order,
    resumed: () => writer.say('Going on where the last run stopped.'),
    refused: (line) => writer.say(line),
    progress: (state) => writer.show(state),
  });
  writer.end();
  return sum;
}

function orderFrom(request: LoadRequest, config: Config, stopped: () => boolean): LoadOrder {
  const { paths, synthetic, concurrency, restart } = request;
  // What POST /fhir would not take is too large here too: one setting for both.
  const limits = { lineBytes: config.bodyLimit, documentBytes: config.bodyLimit };
  const batches: BatchSource =
    synthetic === undefined
      ? (options) => readResources(paths, { ...options, limits })
      : syntheticBatches(synthetic.patients, synthetic.seed);
  return { batches, concurrency, restart, stopped, baseUrl: `${config.baseUrl}/fhir` };
}

async function tenantOf(
  { tenant }: LoadRequest,
  { mode }: Config,
  { identity }: Rooms,
): Promise<number> {
  if (tenant !== undefined) {
    const found = await identity.findTenant(tenant);
    if (found === undefined) throw new Halt(`There is no tenant ${tenant}.`);
    return found;
  }
  const demo = mode === 'production' ? undefined : await identity.findTenant(DEMO_TENANT);
  const all = await identity.tenants();
  const only = demo ?? (all.length === 1 ? all[0] : undefined);
  if (only !== undefined) return only;
  if (all.length > 0) throw new Halt('Whose records are they? Add --tenant NAME.');
  throw new Halt('There is no tenant yet: start the server once, or see medconnect admin --help.');
}
