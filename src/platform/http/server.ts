import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import {
  type ConnectionError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { Log } from '../log.ts';
import type { Caller, Principal } from '../principal.ts';
import { kinds, Problem } from '../problem.ts';
import { openOtherMethods } from './other-method.ts';
import { asProblem, problemBody } from './problem-body.ts';
import type { Call, Reply, Route } from './route.ts';
import {
  collected,
  fhirXml,
  isXmlFormat,
  jsonBody,
  jsonHeaders,
  wantsXml,
  type XmlFace,
} from './xml-face.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    rawBody?: boolean;
    streamBody?: boolean;
    dialect?: Route['dialect'];
  }
}

export type ServerSettings = {
  routes: readonly Route[];
  log: Log;
  /** From the Authorization header to who calls; throws a Problem when it proves nothing. */
  authenticate: (authorization: string | undefined, seen: Seen) => Promise<Principal>;
  /** Told of every answer, for metrics. */
  answered: (route: string, method: string, status: number, seconds: number) => void;
  /** Bytes of a FHIR body; everything else may have 1 MiB. */
  bodyLimit: number;
  /** How FHIR paths speak XML. */
  xml: XmlFace;
};

export type Seen = { ip: string; agent: string; correlation: string };

const MIB = 1024 * 1024;
/** Of a search's form, where its format is looked for. */
const FORM_BYTES = 64 * 1024;
const purposes = new Set(['TREAT', 'HPAYMT', 'HOPERAT', 'HRESCH', 'PUBHLTH', 'ETREAT', 'PATRQT']);

export function buildServer(settings: ServerSettings): FastifyInstance {
  const finish = finisher(settings);
  const server = fastify({
    // A URL that cannot be decoded. Fastify's own answer would say it back, and it may hold PHI.
    frameworkErrors: (error, request, reply) => finish(request, reply, asProblem(error)),
    bodyLimit: MIB,
    requestTimeout: 120_000,
    keepAliveTimeout: 72_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    ajv: { customOptions: { coerceTypes: true, removeAdditional: false, allErrors: false } },
    exposeHeadRoutes: false,
    clientErrorHandler: refuseBytes,
    genReqId: correlationId,
    requestIdHeader: false,
  });
  server.removeAllContentTypeParsers();
  parseJsonBodies(server);
  server.setErrorHandler((error, request, reply) => finish(request, reply, asProblem(error)));
  const otherMethods = openOtherMethods(settings.routes);
  server.setNotFoundHandler((request, reply) => finish(request, reply, otherMethods(request.url)));
  watch(server, settings);
  for (const route of settings.routes) mount(server, route, settings, finish);
  return server;
}

/**
 * Every answer is counted and logged by its route's pattern: a URL may hold PHI, a pattern cannot.
 */
function watch(server: FastifyInstance, settings: ServerSettings): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const status = reply.statusCode;
    settings.answered(route, request.method, status, reply.elapsedTime / 1000);
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    const correlation = request.id;
    settings.log.info({ correlation, method: request.method, route, status, ms }, 'answered');
    done();
  });
}

/** JSON for typed routes; bytes for FHIR ones, which parse with their own bounds. */
function parseJsonBodies(server: FastifyInstance): void {
  server.addContentTypeParser(ndjsonTypes, (request, payload, done) => {
    if (request.routeOptions.config.streamBody === true) return done(null, payload);
    done(new Problem(kinds.mediaType, 'This path takes no NDJSON.'));
  });
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.config.rawBody === true) return done(null, body);
    const type = request.headers['content-type'] ?? '';
    if (!/^application\/(json|[\w.-]+\+json)/.test(type)) {
      return done(new Problem(kinds.mediaType, 'Send the body as application/json.'));
    }
    try {
      const text = body.toString();
      done(null, text === '' ? undefined : JSON.parse(text, harmless));
    } catch {
      done(new Problem(kinds.badRequest, 'The body is not JSON.'));
    }
  });
}

const ndjsonTypes = [...['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson']];

function harmless(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/**
 * What Node could not even read as a request: no route, no dialect, but a coded answer all the
 * same.
 */
function refuseBytes(error: ConnectionError, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const large = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = large
    ? new Problem(
        { ...kinds.tooLarge, status: 431, code: 'HEADERS_TOO_LARGE' },
        'The address and headers are larger than 16 KiB: send a search by POST _search.',
      )
    : new Problem(kinds.badRequest, 'This is not an HTTP request.');
  const body = JSON.stringify(problemBody(problem, 'rest', randomUUID()));
  const reason = large ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(
    `HTTP/1.1 ${reason}\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** The charset is said: some clients read what does not say it as ISO-8859-1. */
const fhirJson = 'application/fhir+json; charset=utf-8';

type Finish = (request: FastifyRequest, reply: FastifyReply, problem: Problem) => FastifyReply;

function finisher(settings: ServerSettings): Finish {
  return (request, reply, problem) => {
    const fhir = request.url.startsWith('/fhir') ? 'fhir' : 'rest';
    const dialect = request.routeOptions.config.dialect ?? fhir;
    const correlation = request.id;
    if (problem.kind.status >= 500) {
      const err = problem.cause ?? problem;
      settings.log.error({ correlation, err, code: problem.kind.code }, 'request failed');
    }
    for (const [name, value] of Object.entries(problem.headers)) reply.header(name, value);
    if (problem.kind.status === 401) reply.header('www-authenticate', 'Bearer realm="medconnect"');
    reply.header('cache-control', 'no-store').header('x-correlation-id', correlation);
    reply.header('x-content-type-options', 'nosniff').status(problem.kind.status);
    const body = JSON.stringify(problemBody(problem, dialect, correlation));
    if (dialect === 'fhir' && asksXml(request)) {
      return reply.type(fhirXml).send(settings.xml.write(body));
    }
    reply.type(dialect === 'fhir' ? 'application/fhir+json' : 'application/json');
    return reply.send(body);
  };
}

/** The caller's own X-Correlation-Id when it is one, so that traces join across systems. */
function correlationId({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

function mount(server: FastifyInstance, route: Route, settings: ServerSettings, finish: Finish) {
  const { params, query, body } = route;
  server.route({
    method: route.method,
    url: route.path,
    config: {
      ...{ rawBody: route.rawBody, dialect: route.dialect },
      streamBody: route.streamBody === true,
    },
    // FHIR R4 http.html#read: HEAD wherever there is GET.
    exposeHeadRoute: route.dialect === 'fhir' && route.method === 'GET',
    ...(route.rawBody ? { bodyLimit: settings.bodyLimit } : {}),
    schema: {
      ...(params ? { params } : {}),
      ...(query ? { querystring: query } : {}),
      ...(body ? { body } : {}),
    },
    handler: async (request, reply) => {
      try {
        const call = await callOf(request, route, settings);
        const xml = route.dialect === 'fhir' && asksXml(request) ? settings.xml : undefined;
        reply.header('x-correlation-id', call.correlation);
        await send(reply, await route.handle(call), route, xml);
      } catch (error) {
        finish(request, reply, asProblem(error));
      }
      return reply;
    },
  });
}

async function callOf(request: FastifyRequest, route: Route, settings: ServerSettings) {
  const seen: Seen = {
    ip: request.ip,
    agent: (request.headers['user-agent'] ?? '').slice(0, 256),
    correlation: request.id,
  };
  const caller = route.open ? undefined : await callerOf(request, seen, settings);
  const speaks = route.dialect === 'fhir' && isXmlCall(request) ? settings.xml : undefined;
  const call: Call = {
    ...seen,
    params: request.params,
    query: request.query,
    body: speaks === undefined ? request.body : jsonBody(speaks, request.headers, request.body),
    headers: speaks === undefined ? request.headers : jsonHeaders(request.headers),
    url: request.url,
    get pairs() {
      const pairs = pairsOf(request.url);
      return speaks === undefined ? pairs : pairs.filter(([name]) => name !== '_format');
    },
    caller,
  };
  return call;
}

function asksXml({ headers, url, body }: FastifyRequest): boolean {
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const sent = form && Buffer.isBuffer(body) ? body.toString('utf8', 0, FORM_BYTES) : '';
  const said = `${url.slice(url.indexOf('?') + 1)}&${sent}`;
  const format = said.includes('_format=') ? new URLSearchParams(said).get('_format') : null;
  return wantsXml(headers.accept, format ?? undefined);
}

function isXmlCall(request: FastifyRequest): boolean {
  return asksXml(request) || isXmlFormat(request.headers['content-type'] ?? '');
}

async function callerOf(request: FastifyRequest, seen: Seen, settings: ServerSettings) {
  const principal = await settings.authenticate(request.headers.authorization, seen);
  const given = request.headers['x-purpose-of-use'];
  if (given !== undefined && (typeof given !== 'string' || !purposes.has(given))) {
    throw new Problem(kinds.badRequest, `X-Purpose-Of-Use is one of ${[...purposes].join(', ')}.`);
  }
  const caller: Caller = { principal, ...seen, purpose: given ?? 'TREAT' };
  return caller;
}

function pairsOf(url: string): [string, string][] {
  const at = url.indexOf('?');
  return at < 0 ? [] : [...new URLSearchParams(url.slice(at + 1))];
}

async function send(
  reply: FastifyReply,
  { status, headers = {}, body }: Reply,
  { dialect }: Route,
  xml: XmlFace | undefined,
): Promise<void> {
  reply.status(status).header('cache-control', 'no-store');
  reply.header('x-content-type-options', 'nosniff');
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  if (body === undefined) {
    reply.send();
    return;
  }
  const streamed = typeof body === 'object' && 'pipe' in body;
  const raw = typeof body === 'string' || Buffer.isBuffer(body) || streamed;
  if (!reply.hasHeader('content-type')) {
    reply.type(dialect === 'fhir' ? fhirJson : 'application/json');
  }
  const text = raw ? body : JSON.stringify(body);
  const isFhir = String(reply.getHeader('content-type')).startsWith('application/fhir+json');
  if (xml === undefined || !isFhir) reply.send(text);
  else reply.type(fhirXml).send(xml.write(await collected(text)));
}
