import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compartmentTypes, inCompartment } from './compartment-search.ts';

test('the compartments are the five of R4, each with its own types', () => {
  const sizes = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'].map(
    (one) => compartmentTypes(one)?.length,
  );
  assert.deepEqual(
    sizes,
    [66, 25, 59, 32, 32].map((size, at) => size + (at === 4 ? 1 : 0)),
  );
  assert.equal(compartmentTypes('Organization'), undefined);
  assert.equal(compartmentTypes('constructor'), undefined);
});

test('a resource is in a compartment by any of its parameters that can point there', () => {
  assert.deepEqual(inCompartment('Patient', 'p', 'Observation'), {
    ...{ on: 'reference', name: 'Patient compartment', params: ['subject', 'performer'] },
    ...{ not: false, values: [{ id: 'p', types: ['Patient'] }] },
  });
  assert.equal(inCompartment('Patient', 'p', 'Organization'), undefined);
  assert.equal(inCompartment('Organization', 'p', 'Observation'), undefined);
});

test('the resource itself is in its compartment', () => {
  assert.deepEqual(inCompartment('Encounter', 'e', 'Encounter'), {
    ...{ on: 'id', not: false, ids: ['e'] },
  });
  const patient = inCompartment('Patient', 'p', 'Patient');
  assert.equal(patient?.on, 'or');
});
