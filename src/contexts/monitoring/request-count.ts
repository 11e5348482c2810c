import { METHODS } from 'node:http';
import type { Metrics } from '../../platform/metrics.ts';

export type Answered = (route: string, method: string, status: number, seconds: number) => void;

/** Counts every answer by its route's pattern, never by its URL, which may hold PHI. */
export function requestCount(metrics: Metrics): Answered {
  const labels = ['route', 'method'] as const;
  const count = metrics.counter('medconnect_http_requests_total', 'Answers, by route and status.', [
    ...labels,
    'status',
  ]);
  const took = metrics.duration(
    'medconnect_http_request_duration_seconds',
    'Seconds from the request to the end of its answer.',
    labels,
  );
  const methods = new Set(METHODS);
  return (route, given, status, seconds) => {
    const method = methods.has(given) ? given : 'OTHER';
    count({ route, method, status: String(status) });
    took({ route, method }, seconds);
  };
}
