import type { Audit } from '#audit';
import { openMonitoring } from '#monitoring';
import type { Phi, SubjectKey } from '#phi';
import { openRecords } from '#records';
import { closers } from '../../src/commands/closers.ts';
import { configOf } from '../../src/commands/configuration.ts';
import { stopRequest } from '../../src/commands/stop-request.ts';
import { makeDemo } from '../../src/demo.ts';
import { buildServer } from '../../src/platform/http/server.ts';
import { openLog } from '../../src/platform/log.ts';
import { openMetrics } from '../../src/platform/metrics.ts';
import { openRooms } from '../../src/rooms.ts';
import { xmlOfResources } from '../../src/standards/fhir/xml/resource-xml.ts';
import { openStore, takeFolder } from '../../src/store.ts';
import { version } from '../../src/version.ts';

/**
 * The server with a record store that neither seals nor audits, to show what these two cost. It
 * stands here and not behind a switch of the product: nobody shall be able to turn them off.
 */
const config = configOf({ ...process.env, PORT: '0' });
const log = openLog(config.logLevel);
const stop = stopRequest(log);
const opened = closers();

const open: SubjectKey = {
  seal: (plain) => plain,
  open: (sealed) => sealed,
  commitment: () => Buffer.alloc(16),
};
const keys = { of: () => open };
const nothing = async () => undefined;
const quiet = () => undefined;

/** Blind names stay: they are how a record is found, not how it is sealed. */
const unsealed = (phi: Phi): Phi => ({ ...phi, keys: async () => keys, cachedKeys: () => keys });
const unaudited = (audit: Audit): Audit => ({ ...audit, write: nothing, release: nothing });

async function serve(): Promise<string> {
  const lock = await takeFolder(config);
  opened.add(() => lock.release());
  const { database, close } = await openStore(config, lock, log, quiet);
  opened.add(close);
  const { access, audit, identity, phi, terminology } = await openRooms(config, database, log);
  opened.add(() => audit.stop());
  audit.start();
  const records = openRecords({
    ...{ database, access, terminology, log, version, baseUrl: `${config.baseUrl}/fhir` },
    ...{ phi: unsealed(phi), audit: unaudited(audit), identity, privateReceivers: true },
    ...{ dataFolder: config.dataFolder, keyring: config.keyring },
  });
  await makeDemo({ config, identity, say: quiet });
  const routes = [...identity.routes, ...records.routes, ...audit.routes];
  const monitoring = openMonitoring({
    ...{ version, dataFolder: config.dataFolder, metrics: openMetrics(), checks: {}, routes },
    ...{ metricsAccess: config.metrics, permits: access.permits },
  });
  const server = buildServer({
    routes: [...routes, ...monitoring.routes],
    ...{
      log,
      authenticate: identity.authenticate,
      bodyLimit: config.bodyLimit,
      xml: xmlOfResources,
    },
    answered: monitoring.answered,
  });
  opened.add(() => server.close());
  return server.listen({ host: config.host, port: 0 });
}

try {
  process.stdout.write(`It is ready at ${await serve()} \n`);
  await stop.request;
} finally {
  await opened.close();
}
