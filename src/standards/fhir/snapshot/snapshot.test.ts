import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefinitionSource } from '../definition-source.ts';
import type { JsonObject } from '../json-object.ts';
import type { ElementDefinition } from './element-definition.ts';
import { withSnapshot } from './snapshot.ts';
import { SnapshotRefused } from './snapshot-refused.ts';

const root = 'http://hl7.org/fhir/StructureDefinition/';

function type(name: string, elements: ElementDefinition[]): JsonObject {
  const element = elements.map((one) => ({ id: one.path, min: 0, max: '1', ...one }));
  return { url: root + name, type: name, derivation: 'specialization', snapshot: { element } };
}

const extension = { path: 'x', type: [{ code: 'Extension' }], max: '*' };
const r4 = [
  type('Observation', [
    { path: 'Observation', max: '*' },
    { ...extension, path: 'Observation.extension' },
    {
      path: 'Observation.code',
      type: [{ code: 'CodeableConcept' }],
      constraint: [{ key: 'ele-1' }],
    },
    { path: 'Observation.value[x]', type: [{ code: 'Quantity' }, { code: 'string' }] },
    { path: 'Observation.component', type: [{ code: 'BackboneElement' }], max: '*' },
    { path: 'Observation.component.code', type: [{ code: 'CodeableConcept' }] },
    { path: 'Observation.component.value[x]', type: [{ code: 'Quantity' }, { code: 'string' }] },
    { path: 'Observation.component.also', contentReference: '#Observation.component' },
  ]),
  type('CodeableConcept', [
    { path: 'CodeableConcept' },
    { path: 'CodeableConcept.coding', type: [{ code: 'Coding' }], max: '*' },
    { path: 'CodeableConcept.text', type: [{ code: 'string' }] },
  ]),
  type('Coding', [{ path: 'Coding' }, { path: 'Coding.system' }, { path: 'Coding.code' }]),
  type('Quantity', [{ path: 'Quantity' }, { path: 'Quantity.value' }, { path: 'Quantity.unit' }]),
  type('Extension', [
    { path: 'Extension' },
    { path: 'Extension.url', min: 1 },
    { path: 'Extension.value[x]', type: [{ code: 'Quantity' }, { code: 'string' }] },
  ]),
];

function source(...profiles: JsonObject[]): DefinitionSource {
  const all = new Map([...r4, ...profiles].map((sd) => [sd['url'], sd]));
  return { find: (_type, canonical) => all.get(canonical) };
}

function profile(name: string, base: string, element: ElementDefinition[]): JsonObject {
  return {
    ...{ url: name, type: 'Observation', derivation: 'constraint', baseDefinition: base },
    differential: { element },
  };
}

function snapshot(sd: JsonObject, ...others: JsonObject[]): Map<string, ElementDefinition> {
  const { element = [] } = withSnapshot(sd, source(...others)).snapshot ?? {};
  return new Map(element.map((one) => [one.id ?? '', one]));
}

const observation = `${root}Observation`;

test('a differential replaces what it says, keeps the rest and adds its constraints', () => {
  const sd = profile('p', observation, [
    { path: 'Observation.code', min: 1, constraint: [{ key: 'p-1' }] },
  ]);
  const made = snapshot(sd);
  assert.deepEqual([...made.keys()], r4[0] && [...snapshot(r4[0]).keys()]);
  const code = made.get('Observation.code');
  assert.equal(code?.min, 1);
  assert.equal(code?.max, '1');
  assert.deepEqual(code?.constraint, [{ key: 'ele-1' }, { source: 'p', key: 'p-1' }]);
});

test('walking into a datatype, and into its datatypes, brings their elements', () => {
  const path = 'Observation.code.coding.system';
  const made = snapshot(profile('p', observation, [{ path, fixedUri: 'http://loinc.org' }]));
  assert.equal(made.get(path)?.['fixedUri'], 'http://loinc.org');
  assert.ok(made.has('Observation.code.text'));
  assert.ok(made.has('Observation.code.coding.code'));
  assert.ok(!made.has('Observation.component.code.text'), 'elsewhere nothing is walked into');
});

test('a slice begins as the element it slices, not required; a reslice as its slice', () => {
  const made = snapshot(
    profile('p', observation, [
      { path: 'Observation.component', min: 2, slicing: { rules: 'open' } },
      { path: 'Observation.component', sliceName: 'a', max: '1' },
      { path: 'Observation.component.code', min: 1 },
      { path: 'Observation.component', sliceName: 'b' },
      { path: 'Observation.component', sliceName: 'a/1', min: 1 },
    ]),
  );
  assert.equal(made.get('Observation.component')?.min, 2);
  assert.equal(made.get('Observation.component:a')?.min, 0);
  assert.equal(made.get('Observation.component:a.code')?.min, 1);
  assert.equal(made.get('Observation.component:b')?.max, '*');
  assert.equal(made.get('Observation.component:b.code')?.min, 0);
  assert.equal(made.get('Observation.component:a/1')?.max, '1');
  const order = [...made.keys()].filter((id) => /component(?::[^.]*)?$/.test(id));
  const expected = ['', ':a', ':a/1', ':b'].map((name) => `Observation.component${name}`);
  assert.deepEqual(order, expected);
});

test('a profile of a profile narrows the slices it finds', () => {
  const base = profile('base', observation, [
    { path: 'Observation.component', sliceName: 'a', min: 1, slicing: { rules: 'open' } },
  ]);
  const id = 'Observation.component:a.code';
  const sd = profile('p', 'base', [{ id, path: 'Observation.component.code', min: 1 }]);
  const made = snapshot(sd, base);
  assert.equal(made.get('Observation.component:a')?.min, 1);
  assert.equal(made.get(id)?.min, 1);
  assert.equal(made.get('Observation.component.code')?.min, 0);
});

test('valueQuantity is a slice of value[x]; required, it leaves no other type', () => {
  const free = snapshot(
    profile('p', observation, [{ path: 'Observation.valueQuantity.unit', min: 1 }]),
  );
  assert.equal(free.get('Observation.value[x]:valueQuantity.unit')?.min, 1);
  assert.equal(free.get('Observation.value[x]')?.type?.length, 2);
  const bound = snapshot(
    profile('p', observation, [{ path: 'Observation.valueQuantity', min: 1 }]),
  );
  assert.deepEqual(bound.get('Observation.value[x]')?.type, [{ code: 'Quantity' }]);
  assert.equal(bound.get('Observation.value[x]')?.slicing?.['rules'], 'closed');
});

test('an extension slice is told apart by url, and walking into it meets its profile', () => {
  const race = {
    ...profile('race', `${root}Extension`, [{ path: 'Extension.valueString', min: 1 }]),
    type: 'Extension',
  };
  const made = snapshot(
    profile('p', observation, [
      {
        ...{ path: 'Observation.extension', sliceName: 'race' },
        type: [{ code: 'Extension', profile: ['race'] }],
      },
      { path: 'Observation.extension.value[x]', min: 1 },
    ]),
    race,
  );
  assert.deepEqual(made.get('Observation.extension')?.slicing?.['discriminator'], [
    { type: 'value', path: 'url' },
  ]);
  assert.deepEqual(made.get('Observation.extension:race.value[x]')?.type, [{ code: 'string' }]);
});

test('what refers to another element has its elements once it is walked into', () => {
  const path = 'Observation.component.also.code';
  const made = snapshot(profile('p', observation, [{ path, min: 1 }]));
  assert.equal(made.get(path)?.min, 1);
  assert.ok(made.has('Observation.component.also.value[x]'));
});

test('what cannot be made is refused with its reason', () => {
  const codeOf = (sd: JsonObject, ...others: JsonObject[]) => {
    try {
      withSnapshot(sd, source(sd, ...others));
    } catch (error) {
      if (error instanceof SnapshotRefused) return error.code;
      throw error;
    }
    return 'made';
  };
  assert.equal(codeOf(profile('p', 'http://nowhere', [])), 'base-unknown');
  assert.equal(codeOf(profile('p', 'q', []), profile('q', 'p', [])), 'base-circle');
  assert.equal(codeOf(profile('p', 'p', [])), 'base-circle');
  assert.equal(codeOf({ url: 'p', type: 'Observation' }), 'nothing-defined');
  const elsewhere = [{ path: 'Observation.nowhere' }];
  assert.equal(codeOf(profile('p', observation, elsewhere)), 'element-unknown');
  assert.equal(codeOf(profile('p', observation, [{ path: 'Patient.name' }])), 'element-unknown');
  const many = Array.from({ length: 5_001 }, () => ({ path: 'Observation.code' }));
  assert.equal(codeOf(profile('p', observation, many)), 'too-costly');
  assert.equal(codeOf(profile('p', observation, many.slice(1))), 'made');
});

test('more slices than a validation can bear are refused', () => {
  const sliced = (count: number) => [
    { path: 'Observation.component', slicing: { rules: 'open' } },
    ...Array.from({ length: count }, (_, index) => ({
      ...{ path: 'Observation.component', sliceName: `s${index}` },
    })),
  ];
  const made = snapshot(profile('p', observation, sliced(300)));
  assert.ok(made.has('Observation.component:s299'));
  const many = profile('p', observation, sliced(301));
  assert.throws(() => withSnapshot(many, source()), { code: 'too-costly' });
  const element = sliced(301).map((one) => ({ id: 'x', ...one }));
  const given = { ...profile('p', observation, []), snapshot: { element } };
  assert.throws(() => withSnapshot(given, source()), { code: 'too-costly' });
});

test('five thousand slices take well under a second', () => {
  const slices = Array.from({ length: 5_000 }, (_, index) => ({
    ...{ path: 'Observation.component', sliceName: `s${index}`, slicing: { rules: 'open' } },
  }));
  const start = performance.now();
  withSnapshotOrRefused(profile('p', observation, slices));
  assert.ok(performance.now() - start < 1000);
});

function withSnapshotOrRefused(sd: JsonObject): void {
  try {
    withSnapshot(sd, source());
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
  }
}
