import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Caller } from '../principal.ts';

/** One endpoint as a value: the server mounts it and the OpenAPI document is made from it. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify's form: `/fhir/:type/:id`. */
  readonly path: string;
  /** Whose error body and content type: the REST face's or FHIR's OperationOutcome. */
  readonly dialect: 'rest' | 'fhir';
  /** true: needs no credential. */
  readonly open: boolean;
  readonly summary: string;
  readonly tag: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** By status; the description of a schema is the answer's. */
  readonly replies: Readonly<Record<number, TSchema>>;
  /** The body reaches the handler as bytes, unparsed (FHIR). */
  readonly rawBody: boolean;
  /** NDJSON reaches the handler as a stream of bytes, unbounded: the handler counts them. */
  readonly streamBody?: boolean;
  readonly handle: (call: Call) => Promise<Reply>;
};

export type Call<Params = unknown, Query = unknown, Body = unknown> = {
  readonly params: Params;
  readonly query: Query;
  /** Parsed and checked against the route's schema; a Buffer under `rawBody`. */
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Path and query as asked, for links. */
  readonly url: string;
  /** Decoded name=value pairs in order, repeated names kept (FHIR search). */
  readonly pairs: readonly (readonly [string, string])[];
  readonly caller: Caller | undefined;
  readonly ip: string;
  readonly agent: string;
  readonly correlation: string;
};

export type Reply = {
  status: number;
  headers?: Record<string, string>;
  /** Objects are written as JSON; Buffers, strings and streams as they are. */
  body?: object | Buffer | string | Readable;
};

type Spec<P extends TSchema, Q extends TSchema, B extends TSchema> = Pick<
  Route,
  'method' | 'path' | 'summary' | 'tag' | 'replies'
> & {
  dialect?: Route['dialect'];
  params?: P;
  query?: Q;
  body?: B;
};

type Typed<P extends TSchema, Q extends TSchema, B extends TSchema> = Call<
  Static<P>,
  Static<Q>,
  Static<B>
>;

/** A route that needs a credential: its handler always has a caller. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(
  spec: Spec<P, Q, B>,
  handle: (call: Typed<P, Q, B> & { readonly caller: Caller }) => Promise<Reply>,
): Route {
  return build(spec, false, false, handle as (call: never) => Promise<Reply>);
}

/** A route anyone may call. */
export function openRoute<P extends TSchema, Q extends TSchema, B extends TSchema>(
  spec: Spec<P, Q, B>,
  handle: (call: Typed<P, Q, B>) => Promise<Reply>,
): Route {
  return build(spec, true, false, handle as (call: never) => Promise<Reply>);
}

/** A FHIR route: bytes in, OperationOutcome on refusal, no schema of its own. */
export function fhirRoute(
  spec: Pick<Route, 'method' | 'path' | 'summary' | 'tag' | 'replies'>,
  handle: (
    call: Call<Record<string, string>, unknown, Buffer> & { readonly caller: Caller },
  ) => Promise<Reply>,
): Route {
  const typed = { ...spec, dialect: 'fhir' as const };
  return build(typed, false, true, handle as (call: never) => Promise<Reply>);
}

/** As fhirRoute, but for NDJSON, which comes as a stream; any other body comes as bytes. */
export function ndjsonRoute(
  spec: Pick<Route, 'method' | 'path' | 'summary' | 'tag' | 'replies'>,
  handle: (
    call: Call<Record<string, string>, unknown, Buffer | Readable> & { readonly caller: Caller },
  ) => Promise<Reply>,
): Route {
  const typed = { ...spec, dialect: 'fhir' as const };
  const made = build(typed, false, true, handle as (call: never) => Promise<Reply>);
  return { ...made, streamBody: true };
}

function build<P extends TSchema, Q extends TSchema, B extends TSchema>(
  spec: Spec<P, Q, B>,
  open: boolean,
  rawBody: boolean,
  handle: (call: never) => Promise<Reply>,
): Route {
  // The server has checked params, query and body against the schemas before it calls.
  const untyped = handle as unknown as Route['handle'];
  return { ...spec, dialect: spec.dialect ?? 'rest', open, rawBody, handle: untyped };
}
