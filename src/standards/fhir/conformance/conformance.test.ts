import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseDefinitions } from '../validate/base-definition.ts';
import { definitionIssues } from './definition-issues.ts';

const root = 'http://hl7.org/fhir/StructureDefinition/';

/** Severity and code of what is said of a profile of Patient with these elements. */
function said(element: object[], more: object = {}): string[] {
  const profile = {
    ...{ resourceType: 'StructureDefinition', url: 'http://x.example/p', type: 'Patient' },
    ...{ derivation: 'constraint', baseDefinition: `${root}Patient`, differential: { element } },
    ...more,
  };
  const issues = definitionIssues(profile, baseDefinitions);
  return issues.map(({ severity, code }) => `${severity} ${code}`);
}

test('a differential must name elements of its base', () => {
  assert.deepEqual(said([{ path: 'Patient.name', min: 1 }]), []);
  assert.deepEqual(said([{ path: 'Patient.nickname', min: 1 }]), ['error exception']);
  const elsewhere = { baseDefinition: 'http://x.example/nobody' };
  assert.deepEqual(said([], elsewhere), ['warning not-found']);
});

test('a differential may narrow what its base says and not widen it', () => {
  assert.deepEqual(said([{ path: 'Patient.gender', max: '2' }]), ['error value']);
  assert.deepEqual(said([{ path: 'Patient.communication.language', min: 0 }]), ['error value']);
  const extension = { type: 'Extension', baseDefinition: `${root}patient-birthPlace` };
  const fixed = (fixedUri: string) => said([{ path: 'Extension.url', fixedUri }], extension);
  assert.deepEqual(fixed(`${root}patient-birthPlace`), []);
  assert.deepEqual(fixed('http://x.example/p'), ['error value']);
});

test('a search parameter must be over its bases, and of the type it is derived from', () => {
  const parameter = (more: object) =>
    definitionIssues(
      { resourceType: 'SearchParameter', base: ['Organization'], type: 'string', ...more },
      baseDefinitions,
    ).map(({ code }) => code);
  assert.deepEqual(parameter({ expression: 'Organization.name | (Organization.alias)' }), []);
  assert.deepEqual(parameter({ expression: 'Patient.name' }), ['invalid']);
  assert.deepEqual(parameter({ base: ['Resource'], expression: 'Resource.id' }), []);
  const derivedFrom = 'http://hl7.org/fhir/SearchParameter/Organization-name';
  assert.deepEqual(parameter({ derivedFrom }), []);
  assert.deepEqual(parameter({ derivedFrom, type: 'token' }), ['business-rule']);
  assert.deepEqual(parameter({ type: 'composite', component: [{}] }), ['business-rule']);
});
