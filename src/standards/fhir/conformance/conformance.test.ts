import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseDefinitions } from '../validate/r4-definition.ts';
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

test('a differential may narrow what its base says and not widen it', () => {
  assert.deepEqual(said([{ path: 'Patient.gender', max: '2' }]), ['error value']);
  assert.deepEqual(said([{ path: 'Patient.communication.language', min: 0 }]), ['error value']);
  assert.deepEqual(said([{ path: 'Patient.name', min: 1 }]), []);
  assert.deepEqual(said([{ path: 'Patient.nickname', min: 1 }]), [], 'told elsewhere');
});

test('slices of extensions are told apart by url, and not by something else again', () => {
  const path = 'Patient.extension';
  const slicing = { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' };
  const again = { discriminator: [{ type: 'value', path: 'value' }], rules: 'open' };
  const slices = (own: object) => [
    { path, slicing },
    { path, sliceName: 'a', type: [{ code: 'Extension' }], ...own },
    { path, sliceName: 'a/b' },
  ];
  assert.deepEqual(said(slices({})), []);
  assert.deepEqual(said(slices({ slicing: again })), ['error business-rule']);
});

test('the expression of a search parameter is over its bases', () => {
  const parameter = (more: object) =>
    definitionIssues(
      { resourceType: 'SearchParameter', base: ['Organization'], type: 'string', ...more },
      baseDefinitions,
    ).map(({ code }) => code);
  assert.deepEqual(parameter({ expression: 'Organization.name | (Organization.alias)' }), []);
  assert.deepEqual(parameter({ expression: 'Patient.name' }), ['invalid']);
  assert.deepEqual(parameter({ base: ['Resource'], expression: 'Resource.id' }), []);
});
