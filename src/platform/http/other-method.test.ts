import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOtherMethods } from './other-method.ts';

const routes = [
  { path: '/fhir/:type', method: 'GET', dialect: 'fhir' },
  { path: '/fhir/:type', method: 'POST', dialect: 'fhir' },
  { path: '/fhir/metadata', method: 'GET', dialect: 'fhir' },
  { path: '/health', method: 'GET', dialect: 'rest' },
] as const;
const problemOf = openOtherMethods(routes);

test('a path with other methods says which; one that is not there is not found', () => {
  const known = problemOf('/fhir/Patient?x=1');
  assert.equal(known.kind.status, 405);
  assert.equal(known.headers['allow'], 'GET, HEAD, POST');
  assert.equal(problemOf('/fhir/metadata/').headers['allow'], 'GET, HEAD');
  assert.equal(problemOf('/health').headers['allow'], 'GET');
  assert.equal(problemOf('/fhir/Patient/1/more').kind.status, 404);
  assert.equal(problemOf('/').kind.status, 404);
});
