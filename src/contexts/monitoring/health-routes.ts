import { Type } from 'typebox';
import { openRoute, type Reply, type Route, route } from '../../platform/http/route.ts';
import type { Principal } from '../../platform/principal.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import type { Examination } from './health.ts';
import { machine } from './machine.ts';

export type HealthParts = {
  version: string;
  /** On whose disk the records lie. */
  dataFolder: string;
  examine: () => Promise<Examination>;
  permits: (principal: Principal, permission: string) => boolean;
};

const condition = Type.Union([
  Type.Literal('healthy'),
  Type.Literal('degraded'),
  Type.Literal('unhealthy'),
]);
const finding = Type.Object(
  { status: condition },
  { additionalProperties: Type.Union([Type.String(), Type.Number()]) },
);
const health = Type.Object(
  {
    status: condition,
    service: Type.String(),
    version: Type.String(),
    uptime_seconds: Type.Number(),
    checks: Type.Record(Type.String(), finding),
  },
  { description: 'Healthy or degraded: it answers requests.' },
);
const down = {
  ...health,
  description: 'Unhealthy: a part it cannot work without does not answer.',
};
const alive = Type.Object(
  { status: Type.Literal('alive'), uptime_seconds: Type.Number() },
  { description: 'The process runs and its event loop turns.' },
);
const percent = Type.Number({ minimum: 0 });
const detail = Type.Object(
  {
    status: condition,
    service: Type.String(),
    version: Type.String(),
    system: Type.Object({
      cpu_percent: percent,
      memory_percent: percent,
      disk_percent: percent,
      uptime_seconds: Type.Number(),
      resident_bytes: Type.Number(),
    }),
    components: Type.Record(Type.String(), finding),
  },
  { description: 'Every part, and the machine.' },
);

const tag = 'Monitoring';

export function healthRoutes(parts: HealthParts): Route[] {
  const answer = () => answerOf(parts);
  return [
    get('/health', 'Health, for load balancers', answer),
    get('/api/v1/health', 'Health, for load balancers', answer),
    get('/api/v1/health/readiness', 'Readiness probe: send requests here?', answer),
    openRoute(
      {
        method: 'GET',
        path: '/api/v1/health/liveness',
        summary: 'Liveness probe: restart it?',
        tag,
        replies: { 200: alive },
      },
      async () => ({ status: 200, body: { status: 'alive', uptime_seconds: uptime() } }),
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/health/detailed',
        summary: "Every part and the machine (permission 'metrics.read')",
        tag,
        replies: { 200: detail, 503: { ...detail, description: down.description } },
      },
      async ({ caller }) => {
        if (!parts.permits(caller.principal, 'metrics.read')) {
          refuse(kinds.authorizationDenied, "This needs the permission 'metrics.read'.");
        }
        return detailOf(parts);
      },
    ),
  ];
}

function get(path: string, summary: string, handle: () => Promise<Reply>): Route {
  const replies = { 200: health, 503: down };
  return openRoute({ method: 'GET', path, summary, tag, replies }, handle);
}

async function answerOf({ version, examine }: HealthParts): Promise<Reply> {
  const { status, checks } = await examine();
  const about = { status, service: 'medconnect', version, uptime_seconds: uptime() };
  return { status: status === 'unhealthy' ? 503 : 200, body: { ...about, checks } };
}

async function detailOf({ version, dataFolder, examine }: HealthParts): Promise<Reply> {
  const [{ status, checks }, full] = await Promise.all([examine(), machine(dataFolder)]);
  const system = {
    ...full,
    uptime_seconds: uptime(),
    resident_bytes: process.memoryUsage.rss(),
  };
  const about = { status, service: 'medconnect', version, system, components: checks };
  return { status: status === 'unhealthy' ? 503 : 200, body: about };
}

function uptime(): number {
  return Math.round(process.uptime());
}
