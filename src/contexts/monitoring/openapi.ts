import type { TSchema } from 'typebox';
import type { Route } from '../../platform/http/route.ts';
import { components } from './openapi-components.ts';

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document of these routes. TypeBox schemas already are JSON Schema 2020-12, which
 * OpenAPI 3.1 takes as it is (OAS 3.1.1, 4.8.24). What all routes share is in `components`.
 */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of [...routes].sort(byPath)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  const tags = [...new Set(routes.map((route) => route.tag))].sort();
  return {
    openapi: '3.1.1',
    info: {
      title: 'MedConnect',
      version,
      summary: 'A sealed, audited FHIR R4 record store with identity and access.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: tags.map((name) => ({ name })),
    paths,
    components,
  };
}

function byPath(a: Route, b: Route): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.method < b.method ? -1 : 1;
}

function operation(route: Route): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route)];
  const body = requestBody(route);
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    security: route.open ? [] : [{ bearer: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(route),
  };
}

/** `GET /fhir/:type/:id` is `getFhirTypeId`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^\w]+/).filter(Boolean);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return method.toLowerCase() + (name === '' ? 'Root' : name);
}

function pathParameters({ path, params }: Route): Json[] {
  const described = propertiesOf(params);
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: described[name] ?? { type: 'string' },
  }));
}

function queryParameters({ query }: Route): Json[] {
  const required = new Set(listOf(query, 'required'));
  return Object.entries(propertiesOf(query)).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema,
  }));
}

function requestBody(route: Route): Json | undefined {
  if (route.rawBody && route.method !== 'GET' && route.method !== 'DELETE') {
    return { content: { 'application/fhir+json': { schema: { type: 'object' } } } };
  }
  if (route.body === undefined) return undefined;
  return { required: true, content: { 'application/json': { schema: route.body } } };
}

function responses(route: Route): Json {
  const refusal = route.dialect === 'fhir' ? 'OperationOutcome' : 'Error';
  const answers: Json = {};
  for (const [status, schema] of Object.entries(route.replies)) {
    answers[status] = response(schema, route);
  }
  return { ...answers, default: { $ref: `#/components/responses/${refusal}` } };
}

/** A schema of nothing is an answer without a body; a text's media type is in its schema. */
function response(schema: TSchema, route: Route): Json {
  const { description = 'Done.', contentMediaType, ...rest } = { ...schema } as Json;
  if (rest['type'] === 'null' || rest['type'] === 'void') return { description };
  const usual = route.dialect === 'fhir' ? 'application/fhir+json' : 'application/json';
  const mediaType = typeof contentMediaType === 'string' ? contentMediaType : usual;
  return { description, content: { [mediaType]: { schema: rest } } };
}

function propertiesOf(schema: TSchema | undefined): Record<string, unknown> {
  const found: unknown = schema === undefined ? undefined : Reflect.get(schema, 'properties');
  return typeof found === 'object' && found !== null ? { ...found } : {};
}

function listOf(schema: TSchema | undefined, key: string): unknown[] {
  const found: unknown = schema === undefined ? undefined : Reflect.get(schema, key);
  return Array.isArray(found) ? found : [];
}
