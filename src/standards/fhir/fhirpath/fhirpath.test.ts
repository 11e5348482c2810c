import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFhirPath, FhirPathRefused, nodeOf } from './fhirpath.ts';

const now = new Date('2024-02-29T12:30:45.678Z');
const patient = nodeOf({
  resourceType: 'Patient',
  id: 'p1',
  active: true,
  name: [
    { use: 'official', family: 'Chalmers', given: ['Peter', 'James'] },
    { use: 'usual', given: ['Jim'] },
  ],
  birthDate: '1974-12-25',
  _birthDate: {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
        valueDateTime: '1974-12-25T14:35:45-05:00',
      },
    ],
  },
  deceasedBoolean: false,
});

function values(expression: string): unknown[] {
  const nodes = compileFhirPath(expression).evaluate(patient, { now });
  return nodes.map((node) => node.value);
}

test('a path finds the elements of its name, and of the type it begins with', () => {
  assert.deepEqual(values('Patient.name.given'), ['Peter', 'James', 'Jim']);
  assert.deepEqual(values('name.family'), ['Chalmers']);
  assert.deepEqual(values('Observation.name'), []);
});

test('a choice element is found by its name without the type', () => {
  const [node] = compileFhirPath('deceased').evaluate(patient, { now });
  assert.equal(node?.type, 'boolean');
  assert.equal(node?.key, 'deceasedBoolean');
  assert.equal(node?.parent, patient);
  assert.deepEqual(values('deceasedBoolean'), []);
});

test('the extensions of a primitive are found beside its value', () => {
  const time = 'birthDate.extension(%`ext-patient-birthTime`).value';
  assert.deepEqual(values(time), ['1974-12-25T14:35:45-05:00']);
});

test('a text that is no expression is refused with its place', () => {
  assert.throws(
    () => compileFhirPath('name.given +'),
    (error) => error instanceof FhirPathRefused && error.code === 'syntax' && error.offset === 12,
  );
  assert.throws(() => compileFhirPath('name.given.frob()'), { code: 'unknown-function' });
});
