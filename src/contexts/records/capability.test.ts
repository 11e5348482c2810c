import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../../../test/records.ts';
import { checkStructure } from '../../standards/fhir/structure.ts';
import { operationsOf } from './capability-operation.ts';

let r: TestRecords;

before(async () => {
  r = await testRecords();
});
after(() => r.close());

type Statement = {
  rest: {
    interaction: { code: string }[];
    resource: {
      type: string;
      interaction: { code: string }[];
      operation: { name: string; definition: string }[];
      conditionalUpdate: boolean;
      conditionalDelete: string;
      referencePolicy: string[];
      searchParam: { name: string; type: string }[];
    }[];
  }[];
  patchFormat: string[];
};

test('what the server can do is told to anyone, as R4 wants it', async () => {
  const answer = await r.ask(undefined, 'GET', '/fhir/metadata');
  assert.equal(answer.status, 200);
  assert.deepEqual(checkStructure(answer.body), []);
  const statement = answer.body as unknown as Statement;
  const [rest] = statement.rest;
  assert.deepEqual(rest?.interaction.map(({ code }) => code).sort(), [
    'batch',
    'history-system',
    'search-system',
    'transaction',
  ]);
  const patient = rest?.resource.find(({ type }) => type === 'Patient');
  assert.deepEqual(patient?.interaction.map(({ code }) => code).sort(), [
    ...['create', 'delete', 'history-instance', 'history-type', 'patch', 'read'],
    ...['search-type', 'update', 'vread'],
  ]);
  assert.equal(patient.conditionalUpdate, true);
  assert.equal(patient.conditionalDelete, 'single');
  assert.ok(!patient.referencePolicy.includes('enforced'));
  assert.ok(patient.searchParam.some(({ name, type }) => name === 'family' && type === 'string'));
  const names = patient.operation.map(({ name }) => name);
  for (const name of ['validate', 'meta', 'meta-add', 'everything', 'match', 'export']) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(statement.patchFormat.includes('application/json-patch+json'));
});

test('_mode asks for terminology, and nothing that is not there', async () => {
  const answer = await r.ask(undefined, 'GET', '/fhir/metadata?_mode=terminology');
  assert.equal(answer.body.resourceType, 'TerminologyCapabilities');
  assert.deepEqual(checkStructure(answer.body), []);
  assert.equal((await r.ask(undefined, 'GET', '/fhir/metadata?_mode=all')).status, 400);
});

test('an operation is named by R4, unless another guide defines it', () => {
  const paths = [
    '/fhir/:type/$validate',
    '/fhir/:type/:id/$validate',
    '/fhir/$export',
    '/fhir/:id',
  ];
  assert.deepEqual(operationsOf(paths.map((path) => ({ path }))), [
    {
      ...{ on: '*', name: 'validate' },
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
    },
    {
      ...{ on: '', name: 'export' },
      definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export',
    },
  ]);
});
