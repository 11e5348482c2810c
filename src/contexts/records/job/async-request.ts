import type { Call, Route } from '../../../platform/http/route.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import { accepted } from './accepted.ts';
import type { Jobs } from './jobs.ts';
import { wantsAsync } from './wants-async.ts';

/** A request as its job keeps it. */
export type KeptRequest = {
  readonly route: string;
  readonly url: string;
  readonly params: unknown;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly pairs: readonly (readonly [string, string])[];
  /** base64; absent without a body. */
  readonly body?: string;
};

/** Bytes of a body that waits in the database; what is larger is imported as NDJSON. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** What may be asked for asynchronously, and the kind of job it becomes. */
const asynchronous: Readonly<Record<string, 'search' | 'bundle'>> = {
  'GET /fhir': 'search',
  'POST /fhir/_search': 'search',
  'GET /fhir/:type': 'search',
  'POST /fhir/:type/_search': 'search',
  'POST /fhir/:type/:id/_search': 'search',
  'GET /fhir/:type/:id/:member': 'search',
  'POST /fhir/:type/:id/:member/_search': 'search',
  'POST /fhir': 'bundle',
};

export function routeName({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** FHIR R4 async.html: with `Prefer: respond-async` these routes answer 202 and become jobs. */
export function withAsync(routes: readonly Route[], jobs: Jobs, baseUrl: string): Route[] {
  return routes.map((route) => {
    const name = routeName(route);
    const kind = asynchronous[name];
    if (kind === undefined) return route;
    return {
      ...route,
      replies: { ...route.replies, 202: route.replies[200] ?? {} },
      async handle(call) {
        if (!wantsAsync(call.headers['prefer']) || call.caller === undefined) {
          return route.handle(call);
        }
        const id = await jobs.submit(call.caller, { kind, asked: keptRequest(name, call) });
        return accepted(baseUrl, id);
      },
    };
  });
}

function keptRequest(route: string, call: Call): KeptRequest {
  const { url, params, pairs, body } = call;
  const { prefer, accept, 'content-type': type } = call.headers;
  const bytes = Buffer.isBuffer(body) ? body : undefined;
  if (bytes !== undefined && bytes.length > LARGEST_BODY) {
    refuse(
      kinds.tooLarge,
      'An asynchronous request takes a body of 16 MiB: send less, or $import.',
    );
  }
  const rest = (Array.isArray(prefer) ? prefer.join(',') : (prefer ?? ''))
    .split(',')
    .filter((one) => !wantsAsync(one))
    .join(',');
  return {
    ...{ route, url, params, pairs: [...pairs] },
    headers: { accept, 'content-type': type, ...(rest === '' ? {} : { prefer: rest }) },
    ...(bytes === undefined ? {} : { body: bytes.toString('base64') }),
  };
}
