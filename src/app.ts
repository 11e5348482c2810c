import type { FastifyInstance } from 'fastify';
import { openMonitoring } from '#monitoring';
import type { Config } from './config.ts';
import type { Route } from './platform/http/route.ts';
import { buildServer } from './platform/http/server.ts';
import type { Log } from './platform/log.ts';
import { openMetrics } from './platform/metrics.ts';
import type { Database } from './platform/postgres/database.ts';
import { prettily } from './pretty.ts';
import { openRooms, type Rooms } from './rooms.ts';
import { xmlOfResources } from './standards/fhir/xml/resource-xml.ts';
import { version } from './version.ts';
import { auditCheck, databaseCheck, watchPool } from './watch.ts';

export type App = Rooms & {
  readonly server: FastifyInstance;
  /** The OpenAPI document of every route. */
  openApi(): object;
  /** Requests in flight end first, `patienceMs` at most; then what runs beside them. */
  stop(patienceMs: number): Promise<void>;
};

/** The composition root: opens every context on its resources and mounts their routes. */
export async function openApp(config: Config, database: Database, log: Log): Promise<App> {
  const metrics = openMetrics();
  watchPool(metrics, database);
  const count = metrics.counter('medconnect_records_total', 'Records, by what was done.', ['deed']);
  const outcomes = ['outcome'] as const;
  const sent = metrics.counter('medconnect_notifications_total', 'Told subscribers.', outcomes);
  const because = ['because'] as const;
  const again = metrics.counter('medconnect_searches_again_total', 'Done twice.', because);
  const rooms = await openRooms(config, database, log, {
    counted: (deed, records) => count({ deed }, records),
    notified: (outcome) => sent({ outcome }, 1),
    begunAgain: (why) => again({ because: why }, 1),
  });
  const { access, audit, identity, records, terminology } = rooms;
  const routes: Route[] = [
    ...[...identity.routes, ...records.routes, ...terminology.routes, ...audit.routes],
  ];
  const monitoring = openMonitoring({
    version,
    dataFolder: config.dataFolder,
    metrics,
    metricsAccess: config.metrics,
    checks: {
      database: databaseCheck(database),
      audit: auditCheck(metrics, audit, identity),
    },
    permits: access.permits,
    routes,
  });
  const server = buildServer({
    routes: [...routes, ...monitoring.routes].map(prettily),
    log,
    authenticate: identity.authenticate,
    answered: monitoring.answered,
    bodyLimit: config.bodyLimit,
    xml: xmlOfResources,
  });
  const drain = drainer(server, log);
  return {
    ...rooms,
    server,
    openApi: monitoring.openApi,
    async stop(patienceMs) {
      await drain(patienceMs);
      await records.reindexer.stop();
      await records.relay.stop();
      await records.jobs.stop();
      await audit.stop();
    },
  };
}

/**
 * Stops accepting and waits for what runs. An answer meanwhile tells its client not to come back on
 * that connection, and one that falls idle is closed, or keep-alive would hold the end up.
 */
function drainer(server: FastifyInstance, log: Log): (patienceMs: number) => Promise<void> {
  let closing = false;
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
  return async (patienceMs) => {
    closing = true;
    const sweep = setInterval(() => server.server.closeIdleConnections(), 50);
    const cut = setTimeout(() => {
      log.warn({ patienceMs }, 'requests still running were cut off');
      server.server.closeAllConnections();
    }, patienceMs);
    try {
      await server.close();
    } finally {
      clearInterval(sweep);
      clearTimeout(cut);
    }
  };
}
