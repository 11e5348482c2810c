import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFhirPath, type FhirNode, FhirPathRefused, nodeOf } from './fhirpath.ts';

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

test('what only a terminology or a profile knows, the environment answers', () => {
  const asked: unknown[] = [];
  const environment = {
    now,
    memberOf: (node: FhirNode, valueSet: string) => asked.push(node.value, valueSet) > 0,
    conformsTo: (node: FhirNode, profile: string) => asked.push(node.type, profile) < 0,
    subsumes: (above: FhirNode, below: FhirNode) => asked.push(above.value, below.value) > 0,
    resolve: (reference: string) => nodeOf({ resourceType: 'Organization', id: reference }),
    trace: (name: string, nodes: FhirNode[]) => asked.push(name, nodes.length),
  };
  const answer = (expression: string) =>
    compileFhirPath(expression)
      .evaluate(patient, environment)
      .map((node) => node.value);
  assert.deepEqual(answer("name.first().use.memberOf('http://v')"), [true]);
  assert.deepEqual(answer("conformsTo('http://p')"), [false]);
  assert.deepEqual(answer("'a'.subsumedBy('b')"), [true]);
  assert.deepEqual(answer("'Organization/1'.resolve().id"), ['Organization/1']);
  assert.deepEqual(answer("name.trace('names').count()"), [2]);
  const expected = ['official', 'http://v', 'Patient', 'http://p', 'b', 'a', 'names', 2];
  assert.deepEqual(asked, expected);
});

test('an entry of a Bundle finds another by its fullUrl, and by a reference relative to its own', () => {
  const bundle = nodeOf({
    resourceType: 'Bundle',
    entry: [
      { fullUrl: 'http://a.b/fhir/Patient/1', resource: { resourceType: 'Patient', id: '1' } },
      { fullUrl: 'urn:uuid:2', resource: { resourceType: 'Patient', id: '2' } },
      {
        fullUrl: 'http://a.b/fhir/Observation/3',
        resource: {
          resourceType: 'Observation',
          subject: { reference: 'Patient/1' },
          focus: [{ reference: 'urn:uuid:2' }, { reference: 'Patient/9' }],
        },
      },
    ],
  });
  const ids = compileFhirPath('entry.resource.select(subject | focus).resolve().id');
  assert.deepEqual(
    ids.evaluate(bundle, { now }).map((node) => node.value),
    ['1', '2'],
  );
});

test('a text that is no expression is refused with its place', () => {
  assert.throws(
    () => compileFhirPath('name.given +'),
    (error) => error instanceof FhirPathRefused && error.code === 'syntax' && error.offset === 12,
  );
  assert.throws(() => compileFhirPath('name.given.frob()'), { code: 'unknown-function' });
});
