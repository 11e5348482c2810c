import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { fhirRoute, openRoute, type Reply, route } from '../../platform/http/route.ts';
import { openApiDocument } from './openapi.ts';

const handle = async (): Promise<Reply> => ({ status: 200 });
const answer = Type.Object({ id: Type.String() }, { description: 'It.' });

const document = openApiDocument(
  [
    fhirRoute(
      {
        method: 'PUT',
        path: '/fhir/:type/:id',
        summary: 'update',
        tag: 'FHIR',
        replies: { 200: answer, 204: Type.Null({ description: 'Nothing to say.' }) },
      },
      handle,
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/things',
        summary: 'Make a thing',
        tag: 'Things',
        query: Type.Object({ dry: Type.Optional(Type.Boolean()), kind: Type.String() }),
        body: answer,
        replies: { 201: answer },
      },
      handle,
    ),
    openRoute(
      {
        method: 'GET',
        path: '/page',
        summary: 'A page',
        tag: 'Pages',
        replies: { 200: Type.String({ contentMediaType: 'text/html' }) },
      },
      handle,
    ),
  ],
  '1.2.3',
);

function at(...keys: string[]): unknown {
  return keys.reduce<unknown>((found, key) => Reflect.get(Object(found), key), document);
}

test('a FHIR route takes and answers application/fhir+json and refuses with OperationOutcome', () => {
  const put = ['paths', '/fhir/{type}/{id}', 'put'];
  assert.deepEqual(at(...put, 'parameters'), [
    { name: 'type', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
  ]);
  assert.ok(at(...put, 'requestBody', 'content', 'application/fhir+json'));
  assert.deepEqual(at(...put, 'responses', '204'), { description: 'Nothing to say.' });
  assert.deepEqual(at(...put, 'responses', 'default'), {
    $ref: '#/components/responses/OperationOutcome',
  });
});

test('a route of the REST faces tells its query, its body and that it needs a token', () => {
  const post = ['paths', '/api/v1/things', 'post'];
  assert.deepEqual(at(...post, 'parameters'), [
    { name: 'dry', in: 'query', required: false, schema: { type: 'boolean' } },
    { name: 'kind', in: 'query', required: true, schema: { type: 'string' } },
  ]);
  assert.deepEqual(at(...post, 'security'), [{ bearer: [] }]);
  assert.equal(at(...post, 'responses', '201', 'description'), 'It.');
  assert.equal(at(...post, 'operationId'), 'postApiV1Things');
});

test('an open route asks for no token and names its media type', () => {
  const get = ['paths', '/page', 'get'];
  assert.deepEqual(at(...get, 'security'), []);
  assert.deepEqual(at(...get, 'responses', '200', 'content', 'text/html'), {
    schema: { type: 'string' },
  });
});
