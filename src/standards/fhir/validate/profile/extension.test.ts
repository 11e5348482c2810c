import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../json-object.ts';
import { errors, patient, profile, validatorWith } from '../validate-case.ts';

const core = 'http://hl7.org/fhir/StructureDefinition/';

function extensionOf(name: string, more: JsonObject, element: JsonObject[] = []): JsonObject {
  const url = { id: 'Extension.url', path: 'Extension.url', fixedUri: `http://x.example/${name}` };
  return {
    ...profile(name, 'Extension', [...element, url]),
    kind: 'complex-type',
    context: [{ type: 'element', expression: 'Patient' }],
    ...more,
  };
}

test('a known extension is checked by its definition', () => {
  const mother = `${core}patient-mothersMaidenName`;
  assert.deepEqual(errors(patient({ extension: [{ url: mother, valueString: 'x' }] })), []);
  assert.deepEqual(errors(patient({ extension: [{ url: mother, valueInteger: 1 }] })), [
    'structure Patient.extension[0].value',
  ]);
  const part = { url: 'a', valueString: 'b' };
  assert.deepEqual(errors(patient({ extension: [{ url: mother, extension: [part] }] })), [
    'structure Patient.extension[0]',
    'required Patient.extension[0]',
  ]);
});

test('an extension stands where its contexts allow it', () => {
  const family = `${core}humanname-mothers-family`;
  const one = [{ url: family, valueString: 'x' }];
  assert.deepEqual(errors(patient({ name: [{ family: 'a', _family: { extension: one } }] })), []);
  assert.deepEqual(errors(patient({ name: [{ family: 'a', extension: one }] })), [
    'structure Patient.name[0].extension[0]',
  ]);
});

test('a resource in another is of its own type to the extensions it has', () => {
  const domain = { context: [{ type: 'element', expression: 'DomainResource' }] };
  const validator = validatorWith([extensionOf('any', domain), extensionOf('plain', {})]);
  const bundle = (resourceType: string, name: string) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType, active: true, name: [{ text: 'x' }], extension: url(name) } },
    ],
  });
  const told = (resourceType: string, name: string) =>
    errors(bundle(resourceType, name), { validator });
  assert.deepEqual(told('Patient', 'any'), []);
  assert.deepEqual(told('Patient', 'plain'), []);
  assert.deepEqual(told('Practitioner', 'any'), []);
  assert.deepEqual(told('Practitioner', 'plain'), [
    'structure Bundle.entry[0].resource.extension[0]',
  ]);
});

const url = (name: string) => [{ url: `http://x.example/${name}`, valueBoolean: true }];

test('a modifier extension is known, and defined as one', () => {
  const modifier = { id: 'Extension', path: 'Extension', isModifier: true };
  const validator = validatorWith([
    extensionOf('modifier', {}, [modifier]),
    extensionOf('plain', {}),
  ]);
  const told = (elements: JsonObject) => errors(patient(elements), { validator });
  assert.deepEqual(told({ modifierExtension: url('modifier'), extension: url('plain') }), []);
  assert.deepEqual(told({ modifierExtension: url('plain') }), [
    'structure Patient.modifierExtension[0]',
  ]);
  assert.deepEqual(told({ extension: url('modifier') }), ['structure Patient.extension[0]']);
  assert.deepEqual(told({ modifierExtension: url('unknown') }), [
    'not-found Patient.modifierExtension[0]',
  ]);
});

test('an unknown extension is told as information; its url is absolute and has no version', () => {
  const told = (url: string) => errors(patient({ extension: [{ url, valueString: 'x' }] }));
  assert.deepEqual(told('http://x.example/unknown'), []);
  assert.deepEqual(told('unknown'), ['value Patient.extension[0]']);
  assert.deepEqual(told(`${core}patient-birthPlace|4.0.1`), ['value Patient.extension[0]']);
  const parts = [{ url: 'part', valueString: 'a' }];
  const complex = [{ url: 'http://x.example/unknown', extension: parts }];
  assert.deepEqual(errors(patient({ extension: complex })), []);
});

test('a profile’s slices of extensions are told by the url of their definition', () => {
  const type = [{ code: 'Extension', profile: ['http://x.example/plain'] }];
  const slice = { id: 'Patient.extension:plain', path: 'Patient.extension', sliceName: 'plain' };
  const validator = validatorWith([
    extensionOf('plain', {}),
    profile('p', 'Patient', [{ ...slice, min: 1, max: '1', type }]),
  ]);
  const told = (extension: JsonObject[]) =>
    errors(patient({ extension }), { validator, profiles: ['http://x.example/p'] });
  const plain = { url: 'http://x.example/plain', valueString: 'x' };
  assert.deepEqual(told([plain]), []);
  assert.deepEqual(told([plain, plain]), ['structure Patient']);
  assert.deepEqual(told([{ ...plain, url: 'http://x.example/other' }]), ['required Patient']);
});
