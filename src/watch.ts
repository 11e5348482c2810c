import type { Audit } from '#audit';
import type { Identity } from '#identity';
import type { Check } from '#monitoring';
import type { Metrics } from './platform/metrics.ts';
import type { Database } from './platform/postgres/database.ts';
import { sql } from './platform/postgres/sql.ts';

/** An answer in more than this many milliseconds: it is there, and something is wrong with it. */
const SLOW_MS = 500;

export function databaseCheck(database: Database): Check {
  return async () => {
    const start = performance.now();
    await database.transaction(0, (tx) => tx.run(sql`select 1`));
    const took = Math.round((performance.now() - start) * 10) / 10;
    return { status: took > SLOW_MS ? 'degraded' : 'healthy', response_ms: took };
  };
}

export function watchPool(metrics: Metrics, { pool }: Database): void {
  const name = 'medconnect_database_connections';
  metrics.gauge(name, 'Connections to PostgreSQL.', () => pool.total());
  metrics.gauge(`${name}_idle`, 'Of those, unused now.', () => pool.idle());
  metrics.gauge(`${name}_waited_for`, 'Requests waiting for one.', () => pool.waiting());
}

/** Events are in the tree within a second; after a minute somebody should look. */
const LATE_SECONDS = 60;

export function auditCheck(metrics: Metrics, audit: Audit, identity: Identity): Check {
  const lag = auditLag(audit, identity);
  const help = 'Seconds the oldest committed audit event waits for its place in the tree.';
  metrics.gauge('medconnect_audit_lag_seconds', help, lag);
  return async () => {
    const seconds = Math.round(lag() * 10) / 10;
    return { status: seconds > LATE_SECONDS ? 'degraded' : 'healthy', lag_seconds: seconds };
  };
}

/** It costs a statement per tenant. */
const FRESH_MS = 10_000;

/** The tenant that waits longest, as last seen: a probe asks anew and does not wait for it. */
function auditLag(audit: Audit, identity: Identity): () => number {
  let asked = Number.NEGATIVE_INFINITY;
  let seen = 0;
  const look = async () => {
    let most = 0;
    for (const tenant of await identity.tenants()) most = Math.max(most, await audit.lag(tenant));
    seen = most;
  };
  return () => {
    if (performance.now() - asked > FRESH_MS) {
      asked = performance.now();
      // What fails here is the database, and its own check says so.
      look().catch(() => undefined);
    }
    return seen;
  };
}
