import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseResourceJson } from '../json.ts';
import type { JsonObject } from '../json-object.ts';
import { checkStructure } from '../structure.ts';
import { observation, patient, profile, validatorWith } from './validate-case.ts';

const validator = validatorWith([
  profile('p', 'Observation', [
    {
      id: 'Observation.component',
      path: 'Observation.component',
      slicing: { discriminator: [{ type: 'pattern', path: 'code' }], rules: 'closed' },
    },
    {
      id: 'Observation.component:a',
      path: 'Observation.component',
      sliceName: 'a',
      min: 1,
      max: '1',
    },
    {
      id: 'Observation.component:a.code',
      path: 'Observation.component.code',
      patternCodeableConcept: { coding: [{ code: 'a' }] },
    },
    {
      id: 'Observation.subject',
      path: 'Observation.subject',
      type: [
        { code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] },
      ],
    },
  ]),
]);

const extension = [
  {
    url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
    valueAddress: { city: 'x' },
  },
];

const text = JSON.stringify({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    {
      fullUrl: 'http://x.example/Observation/o',
      resource: observation({
        id: 'o',
        meta: { profile: ['http://x.example/p'] },
        contained: [
          patient({ id: 'p', name: [{ given: ['a'], _given: [{ id: 'i' }] }], extension }),
        ],
        subject: { reference: '#p' },
        effectiveTiming: { repeat: { duration: 1, durationUnit: 'h', when: ['C'] } },
        component: [
          { code: { coding: [{ system: 'http://a', code: 'a' }] }, valueQuantity: { value: 7.5 } },
        ],
      }),
    },
  ],
});

const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', '#', '#p', 'Patient/1', '2023-02-30', null, [], {}, [null], 'urn:uuid:1'),
);
const key = fc.oneof(
  fc.string(),
  fc.constantFrom('_status', 'valueString', '__proto__', 'resourceType', 'contained', 'id'),
);
type Mutation = {
  at: number;
  kind: 'replace' | 'remove' | 'add' | 'wrap';
  key: string;
  value: unknown;
};
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('replace', 'remove', 'add', 'wrap'),
  key,
  value: junk,
});

function mutate(resource: unknown, { at, kind, key: name, value: drawn }: Mutation): void {
  const value: unknown = structuredClone(drawn); // drawn more than once, it would hold itself
  const places: [JsonObject, string][] = [];
  const walk = (parent: unknown): void => {
    if (typeof parent !== 'object' || parent === null) return;
    const holder: JsonObject = Object(parent);
    for (const one of Object.keys(holder)) {
      places.push([holder, one]);
      walk(holder[one]);
    }
  };
  walk(resource);
  const [holder, place] = places[at % places.length] ?? [{}, ''];
  if (kind === 'replace') holder[place] = value;
  else if (kind === 'remove') delete holder[place];
  else if (kind === 'wrap') holder[place] = [holder[place]];
  else {
    const made = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(holder, name, made);
  }
}

test('whatever becomes of a resource, the validator answers, and finds what the structure is', () => {
  assert.deepEqual(
    validator.validate(parseResourceJson(text)).filter(({ severity }) => severity === 'error'),
    [],
  );
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
      const resource = parseResourceJson(text);
      for (const one of mutations) mutate(resource, one);
      const issues = validator.validate(resource);
      for (const { expression } of issues)
        assert.match(expression, /^[A-Za-z]+(?:\.[A-Za-z]+|\[\d+\])*$/);
      if (checkStructure(resource).length > 0) {
        assert.ok(issues.some(({ severity }) => severity === 'error'));
      }
    }),
    { numRuns: 1500 },
  );
});

test('a hundred times the elements take about a hundred times the time', () => {
  const of = (count: number) => {
    const resource = observation({
      meta: { profile: ['http://x.example/p'] },
      component: Array.from({ length: count }, (_, at) => ({
        code: { coding: [{ system: 'http://a', code: at === 0 ? 'a' : 'b' }] },
        valueQuantity: { value: at },
      })),
    });
    const runs = Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      validator.validate(resource);
      return process.cpuUsage(before).user;
    });
    return Math.max(Math.min(...runs), 1_000);
  };
  of(10_000);
  assert.ok(of(100_000) < 100 * of(1_000) * 10, 'within ten times of linear');
});
