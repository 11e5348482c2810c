import type { Call, Reply, Route } from './platform/http/route.ts';
import { parseResourceJson } from './standards/fhir/json.ts';

/** FHIR R4 http.html#general: `_pretty=true` on every FHIR path. Numbers stay as they are. */
export function prettily(route: Route): Route {
  if (route.dialect !== 'fhir') return route;
  return {
    ...route,
    async handle(call: Call): Promise<Reply> {
      const reply = await route.handle(call);
      if (!call.url.includes('_pretty=') || !isAsked(call)) return reply;
      const { body } = reply;
      const type = reply.headers?.['content-type'] ?? 'application/fhir+json';
      if (
        body === undefined ||
        'pipe' in Object(body) ||
        !/^application\/(fhir\+)?json/.test(type)
      ) {
        return reply;
      }
      return { ...reply, body: JSON.stringify(parsed(body), null, 2) };
    },
  };
}

function isAsked({ pairs }: Call): boolean {
  return pairs.some(([name, value]) => name === '_pretty' && value === 'true');
}

function parsed(body: NonNullable<Reply['body']>): object {
  const isText = Buffer.isBuffer(body) || typeof body === 'string';
  return isText ? parseResourceJson(body, { maxDepth: 1000 }) : body;
}
