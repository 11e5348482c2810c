import { Type } from 'typebox';
import { openRoute, type Reply, type Route, route } from '../../platform/http/route.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Principal } from '../../platform/principal.ts';
import { kinds, refuse } from '../../platform/problem.ts';

export type MetricsParts = {
  metrics: Metrics;
  access: 'open' | 'authenticated';
  permits: (principal: Principal, permission: string) => boolean;
};

const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsRoute({ metrics, access, permits }: MetricsParts): Route {
  const spec = {
    method: 'GET',
    path: '/metrics',
    summary: 'Figures for Prometheus; no tenant, no patient',
    tag: 'Monitoring',
    replies: {
      200: Type.String({ description: "Prometheus' text format", contentMediaType: 'text/plain' }),
    },
  } as const;
  const answer = async (): Promise<Reply> => ({
    status: 200,
    headers: { 'content-type': MEDIA_TYPE },
    body: await metrics.text(),
  });
  if (access === 'open') return openRoute(spec, answer);
  return route(spec, async ({ caller }) => {
    if (!permits(caller.principal, 'metrics.read')) {
      refuse(kinds.authorizationDenied, "This needs the permission 'metrics.read'.");
    }
    return answer();
  });
}
