import type { FastifyInstance } from 'fastify';
import { openMonitoring } from '#monitoring';
import type { Config } from './config.ts';
import type { Route } from './platform/http/route.ts';
import { buildServer } from './platform/http/server.ts';
import type { Log } from './platform/log.ts';
import { type Metrics, openMetrics } from './platform/metrics.ts';
import type { Database } from './platform/postgres/database.ts';
import { sql } from './platform/postgres/sql.ts';
import { openRooms, type Rooms } from './rooms.ts';
import { version } from './version.ts';

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
  const rooms = await openRooms(config, database, log);
  const { access, identity, records } = rooms;
  const routes: Route[] = [...identity.routes, ...records.routes];
  const monitoring = openMonitoring({
    version,
    dataFolder: config.dataFolder,
    metrics,
    metricsAccess: config.metrics,
    checks: { database: () => databaseCheck(database) },
    permits: access.permits,
    routes,
  });
  const server = buildServer({
    routes: [...routes, ...monitoring.routes],
    log,
    authenticate: identity.authenticate,
    answered: monitoring.answered,
    bodyLimit: config.bodyLimit,
  });
  return { ...rooms, server, openApi: monitoring.openApi, stop: drainer(server, log) };
}

/** Answers in more than this many milliseconds: still there, but something is wrong with it. */
const SLOW_MS = 500;

async function databaseCheck(database: Database) {
  const start = performance.now();
  await database.transaction(0, (tx) => tx.run(sql`select 1`));
  const took = Math.round((performance.now() - start) * 10) / 10;
  const status = took > SLOW_MS ? ('degraded' as const) : ('healthy' as const);
  return { status, response_ms: took };
}

function watchPool(metrics: Metrics, { pool }: Database): void {
  const name = 'medconnect_database_connections';
  metrics.gauge(name, 'Connections to PostgreSQL.', () => pool.total());
  metrics.gauge(`${name}_idle`, 'Of those, unused now.', () => pool.idle());
  metrics.gauge(`${name}_waited_for`, 'Requests waiting for one.', () => pool.waiting());
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
