import type { Route } from '../../platform/http/route.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Principal } from '../../platform/principal.ts';
import { docsRoutes } from './docs-routes.ts';
import { type Check, examiner } from './health.ts';
import { healthRoutes } from './health-routes.ts';
import { homeRoute } from './home-route.ts';
import { metricsRoute } from './metrics-route.ts';
import { openApiDocument } from './openapi.ts';
import { type Answered, requestCount } from './request-count.ts';

export type { Check, Finding } from './health.ts';

export type Monitoring = {
  readonly routes: readonly Route[];
  /** Counts an answer; the server calls it for each. */
  readonly answered: Answered;
  /** The OpenAPI 3.1 document of the other contexts' routes and its own. */
  openApi(): object;
};

export type MonitoringParts = {
  version: string;
  dataFolder: string;
  metrics: Metrics;
  metricsAccess: 'open' | 'authenticated';
  /** Each part health asks, by the name it answers under. */
  checks: Readonly<Record<string, Check>>;
  permits: (principal: Principal, permission: string) => boolean;
  /** The routes of every other context, for the documents. */
  routes: readonly Route[];
};

/** Health, metrics, and the documents of the interface. Never throws: it has nothing to open. */
export function openMonitoring(parts: MonitoringParts): Monitoring {
  const { version, metrics, permits } = parts;
  const openApi = () => openApiDocument([...parts.routes, ...routes], version);
  const routes: Route[] = [
    ...healthRoutes({ ...parts, examine: examiner(parts.checks) }),
    metricsRoute({ metrics, access: parts.metricsAccess, permits }),
    ...docsRoutes(openApi),
    homeRoute(version),
  ];
  return { routes, answered: requestCount(metrics), openApi };
}
