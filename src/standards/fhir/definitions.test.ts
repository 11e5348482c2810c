import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { resourceTypes, typeSchema } from './definitions.ts';

const element = (type: string, name: string) =>
  typeSchema(type)?.elements.find((one) => one.name === name);

test('R4 has 146 resource types; the two abstract ones are none', () => {
  assert.equal(resourceTypes.size, 146);
  assert.ok(resourceTypes.has('Patient'));
  assert.ok(!resourceTypes.has('DomainResource') && !resourceTypes.has('HumanName'));
});

test('a choice has one JSON name per type', () => {
  const value = element('Observation', 'value');
  assert.equal(value?.choice, true);
  assert.deepEqual(
    value?.types.slice(0, 3).map((type) => type.json),
    ['valueQuantity', 'valueCodeableConcept', 'valueString'],
  );
});

test('an element defined elsewhere in the type is resolved', () => {
  const range = element('Observation.component', 'referenceRange');
  assert.equal(range?.types[0]?.code, 'Observation.referenceRange');
  assert.equal(range?.types[0]?.kind, 'backbone');
});

test('references know their targets, codes their required value set', () => {
  const subject = element('Condition', 'subject');
  assert.deepEqual([...(subject?.types[0]?.targets ?? [])], ['Patient', 'Group']);
  assert.equal(subject?.required, true);
  const gender = element('Patient', 'gender')?.types[0];
  assert.equal(gender?.valueSet, 'administrative-gender');
  assert.deepEqual([...(gender?.codes ?? [])].sort(), ['female', 'male', 'other', 'unknown']);
});

test('inherited elements come first', () => {
  const names = typeSchema('Patient')?.elements.map((one) => one.name) ?? [];
  assert.deepEqual(names.slice(0, 5), ['id', 'meta', 'implicitRules', 'language', 'text']);
});

test('every type of the generated file can be read', () => {
  const file = new URL('../../generated/fhir-r4/structure.json', import.meta.url);
  const { generated, types }: { generated: string; types: Record<string, unknown> } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  assert.match(generated, /generate-fhir-structure/);
  for (const name of Object.keys(types)) assert.ok(typeSchema(name), name);
});

test('a name R4 does not define has no schema', () => {
  assert.equal(typeSchema('Patients'), undefined);
  assert.equal(typeSchema('constructor'), undefined);
});
