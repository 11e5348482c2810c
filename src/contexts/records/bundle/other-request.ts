import type { Readable } from 'node:stream';
import type { Call, Reply, Route } from '../../../platform/http/route.ts';
import type { Caller } from '../../../platform/principal.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { isResourceId } from '../../../standards/fhir/reference.ts';
import type { Preference } from '../prefer.ts';
import { splitUrl, type Written } from './entry.ts';
import { type Answered, statusText } from './response.ts';

/**
 * An entry of a batch that is no interaction with one record and no search of one type: an
 * operation, a history, a compartment, the CapabilityStatement. Undefined for any other.
 */
export type OtherRequests = (
  written: Written,
) => ((caller: Caller, preference: Preference) => Promise<Answered>) | undefined;

type Asked = { method: string; path: string; query: string | undefined };

/** FHIR R4 http.html#batch: each entry is as if it had come by itself, so its own route answers. */
export function openOtherRequests(baseUrl: string, routes: () => readonly Route[]): OtherRequests {
  let table: readonly Known[] | undefined;
  return (written) => {
    const { method = '', url = '' } = written.request ?? {};
    const asked = { method: method === 'HEAD' ? 'GET' : method, ...splitUrl(url, baseUrl) };
    if (isPlain(asked)) return undefined;
    table ??= routes()
      .map(knownOf)
      .sort((a, b) => b.words - a.words);
    for (const { route, pattern } of table) {
      const params = route.method === asked.method ? pattern.exec(`/fhir/${asked.path}`) : null;
      if (params === null) continue;
      const request = { written, asked, params: { ...params.groups } };
      return (caller, preference) => {
        if (preference.validateOnly && route.method !== 'GET') {
          return refuse(kinds.badRequest, 'Operations are not rehearsed: send it by itself.');
        }
        return answer(route, { ...request, caller });
      };
    }
    return undefined;
  };
}

/** What entries are made of everywhere; a Bundle in a Bundle is refused there too. */
function isPlain({ method, path }: Asked): boolean {
  if (path === '') return method !== 'GET';
  const [type = '', id, history, version, ...more] = path.split('/');
  if (!resourceTypes.has(type) || more.length > 0) return false;
  if (id !== undefined && !isResourceId(id)) return false;
  return history === undefined || (history === '_history' && version !== undefined);
}

type Known = { readonly route: Route; readonly pattern: RegExp; readonly words: number };

function knownOf(route: Route): Known {
  const parts = route.path.split('/').slice(1);
  const patterns = parts.map((part) =>
    part.startsWith(':') ? `(?<${part.slice(1)}>[^/]+)` : part.replace(/[$.]/g, '\\$&'),
  );
  const words = parts.filter((part) => !part.startsWith(':')).length;
  return { route, pattern: new RegExp(`^/${patterns.join('/')}/?$`), words };
}

type Request = {
  readonly caller: Caller;
  readonly written: Written;
  readonly asked: Asked;
  readonly params: Record<string, string>;
};

async function answer(route: Route, { caller, written, asked, params }: Request) {
  const { path, query } = asked;
  const { resource, request = {} } = written;
  const call: Call = {
    ...{ params, query: Object.fromEntries(new URLSearchParams(query)), caller },
    body: resource === undefined ? undefined : Buffer.from(JSON.stringify(resource)),
    headers: {
      accept: 'application/fhir+json',
      'content-type': 'application/fhir+json',
      ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
      ...(request.ifNoneMatch === undefined ? {} : { 'if-none-match': request.ifNoneMatch }),
    },
    url: `/fhir/${path}${query === undefined ? '' : `?${query}`}`,
    pairs: [...new URLSearchParams(query)],
    ...{ ip: caller.ip, agent: caller.agent, correlation: caller.correlation },
  };
  return answered(await route.handle(call), request.method === 'HEAD');
}

/** Bytes of an entry that is answered piece by piece, as $everything: a batch may have many. */
const MOST_STREAMED = 4 * 1024 * 1024;

async function whole(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop ends the stream.
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece));
    bytes += pieces.at(-1)?.length ?? 0;
    if (bytes > MOST_STREAMED) {
      refuse(kinds.badRequest, 'What this answers is too large for an entry: ask it alone.');
    }
  }
  return Buffer.concat(pieces);
}

async function answered(reply: Reply, head: boolean): Promise<Answered> {
  const { status, headers = {} } = reply;
  const streamed = typeof reply.body === 'object' && 'pipe' in reply.body;
  const body = streamed ? await whole(reply.body as Readable) : reply.body;
  const { location, etag } = headers;
  const response = {
    status: statusText(status),
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { etag }),
  };
  if (body === undefined || head) return { response };
  return { response, json: Buffer.isBuffer(body) ? body : Buffer.from(textOf(body)) };
}

function textOf(body: object | string): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
