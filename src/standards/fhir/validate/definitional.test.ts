import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json-object.ts';
import { errors, narrative, profile } from './validate-case.ts';

const parameter = (more: JsonObject) => ({
  resourceType: 'SearchParameter',
  text: narrative,
  url: 'http://x.example/s',
  name: 'S',
  status: 'active',
  description: 'x',
  code: 'name',
  base: ['Organization'],
  type: 'string',
  expression: 'Organization.name',
  ...more,
});

test('a profile is one a snapshot can be made of, and keeps what its base fixed', () => {
  const element = (path: string, more: JsonObject = {}) => ({ id: path, path, ...more });
  const told = (...elements: JsonObject[]) =>
    errors({ ...profile('P', 'Patient', elements), fhirVersion: '4.0.1' });
  assert.deepEqual(told(element('Patient.name', { min: 1 })), []);
  assert.deepEqual(told(element('Patient.nmae', { min: 1 })), ['invalid StructureDefinition']);
  assert.deepEqual(told(element('Patient.name', { id: {} })).slice(0, 1), [
    'structure StructureDefinition.differential.element[0].id',
  ]);
  const birthPlace = {
    ...profile('E', 'Extension', [
      element('Extension.url', { fixedUri: 'http://x.example/another' }),
    ]),
    kind: 'complex-type',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
    context: [{ type: 'element', expression: 'Patient' }],
  };
  assert.deepEqual(errors(birthPlace), ['value StructureDefinition.differential.element[0]']);
});

test('a search parameter agrees with the one it is derived from', () => {
  const derivedFrom = 'http://hl7.org/fhir/SearchParameter/Organization-name';
  assert.deepEqual(errors(parameter({ derivedFrom })), []);
  const broken = ['business-rule SearchParameter'];
  assert.deepEqual(errors(parameter({ derivedFrom, type: 'token' })), broken);
  assert.deepEqual(errors(parameter({ derivedFrom, base: ['Patient'] })), broken);
  assert.deepEqual(errors(parameter({ type: 'composite' })), broken);
  assert.deepEqual(errors(parameter({ url: 'relative' })), ['invalid SearchParameter']);
});

test('a capability statement gives search parameters their own type', () => {
  const definition = 'http://hl7.org/fhir/SearchParameter/Patient-active';
  const statement = (type: string) => ({
    resourceType: 'CapabilityStatement',
    text: narrative,
    url: 'http://x.example/c',
    status: 'active',
    date: '2024-01-01',
    kind: 'instance',
    implementation: { description: 'x' },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        resource: [{ type: 'Patient', searchParam: [{ name: 'active', definition, type }] }],
      },
    ],
  });
  assert.deepEqual(errors(statement('token')), []);
  assert.deepEqual(errors(statement('date')), [
    'invalid CapabilityStatement.rest[0].resource[0].searchParam[0]',
  ]);
});

test('a value set names code systems absolutely and its flags by true and false', () => {
  const valueSet = (include: JsonObject) => ({
    resourceType: 'ValueSet',
    text: narrative,
    url: 'http://x.example/v',
    name: 'V',
    status: 'active',
    compose: { include: [include] },
  });
  const filter = (value: string) => [{ property: 'notSelectable', op: '=', value }];
  const system = 'http://x.example/cs';
  assert.deepEqual(errors(valueSet({ system, filter: filter('true') })), []);
  assert.deepEqual(errors(valueSet({ system, filter: filter('1') })), [
    'invalid ValueSet.compose.include[0].filter[0]',
  ]);
  assert.deepEqual(errors(valueSet({ system: 'cs' })), ['invalid ValueSet.compose.include[0]']);
});
