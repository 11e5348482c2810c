import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { subjectOf } from './compartment.ts';
import { parseResourceJson } from './json.ts';
import { isJsonObject } from './json-object.ts';
import { eachReference, eachUri } from './reference.ts';
import { joinGroups, splitByGroup } from './sensitivity.ts';
import { checkStructure } from './structure.ts';

const text = JSON.stringify({
  resourceType: 'Observation',
  id: 'o1',
  meta: { profile: ['http://x.example/profile'] },
  text: { status: 'generated', div: '<div><a href="urn:uuid:1">x</a></div>' },
  contained: [
    { resourceType: 'Patient', id: 'p', name: [{ given: ['a'], _given: [{ id: 'i' }] }] },
  ],
  extension: [{ url: 'http://x.example', valueReference: { reference: 'Patient/1' } }],
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2024-05-17T10:00:00Z',
  component: [{ code: { text: 'x' }, valueQuantity: { value: 7.5, unit: 'mmHg' } }],
});
const version = {
  type: 'Observation',
  id: 'o1',
  versionId: '1',
  lastUpdated: '2024-05-17T10:00:00Z',
};

/** Any JSON, and some that is nearly right. */
const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', 'Patient/1', '2023-02-30', '<div>', null, [], {}, [null], { extension: [] }),
);
const keys = fc.oneof(
  fc.string(),
  fc.constantFrom('_status', 'value', '__proto__', 'resourceType'),
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
  key: keys,
  value: junk,
});

/** Changes the place that `at` falls on, in the order of the resource. */
function mutate(resource: unknown, { at, kind, key, value: drawn }: Mutation): void {
  // drawn more than once, it would come to hold itself
  const value: unknown = structuredClone(drawn);
  const places: [Record<string, unknown>, string][] = [];
  const walk = (parent: unknown): void => {
    if (typeof parent !== 'object' || parent === null) return;
    const holder: Record<string, unknown> = Object(parent);
    for (const name of Object.keys(holder)) {
      places.push([holder, name]);
      walk(holder[name]);
    }
  };
  walk(resource);
  const [holder, name] = places[at % places.length] ?? [{}, ''];
  if (kind === 'replace') holder[name] = value;
  else if (kind === 'remove') delete holder[name];
  else if (kind === 'wrap') holder[name] = [holder[name]];
  else
    Object.defineProperty(holder, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

test('whatever becomes of a resource, the check answers and does not throw', () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
      const resource = parseResourceJson(text);
      for (const one of mutations) mutate(resource, one);
      const issues = checkStructure(resource);
      assert.ok(issues.length <= 51);
      for (const { expression } of issues)
        assert.match(expression, /^[A-Za-z]+(?:\.[A-Za-z]+|\[\d+\])*$/);
      eachReference(resource, () => undefined);
      eachUri(resource, (uri) => `${uri}x`);
      const { resourceType } = resource;
      if (typeof resourceType !== 'string') return;
      subjectOf({ ...resource, resourceType });
      const joined = joinGroups(version, undefined, [
        ...splitByGroup({ ...resource, resourceType }).values(),
      ]);
      assert.ok(isJsonObject(JSON.parse(joined.toString())));
    }),
    { numRuns: 2000 },
  );
});

test('a hundred times the elements take about a hundred times the time', () => {
  const of = (count: number) => {
    const resource = parseResourceJson(text);
    const [component] = Array.isArray(resource.component) ? resource.component : [];
    resource.component = Array.from({ length: count }, () => component);
    const runs = Array.from({ length: 7 }, () => {
      const start = performance.now();
      assert.deepEqual(checkStructure(resource), []);
      return performance.now() - start;
    });
    return Math.min(...runs);
  };
  of(10_000);
  assert.ok(of(100_000) < 100 * of(1_000) * 10, 'within ten times of linear');
});

test('long values made to be slow are not', () => {
  const long = 1_000_000;
  const values: [string, string][] = [
    ['valueCode', `${'a '.repeat(long / 2)} `],
    ['valueBase64Binary', `${'AAA '.repeat(long / 4)}!`],
    ['valueBase64Binary', `${'='.repeat(long)}`],
    ['valueOid', `urn:oid:1${'.1'.repeat(long / 2)}.`],
    ['valueUri', 'a'.repeat(long)],
    ['valueDateTime', `2024-01-01T00:00:00.${'0'.repeat(long)}`],
    ['valueReference', `urn:${'a-'.repeat(long / 2)}`],
    ['valueReference', `http://${'/Patient/1'.repeat(long / 10)} `],
  ];
  for (const [key, value] of values) {
    const element = key === 'valueReference' ? { reference: value } : value;
    const start = performance.now();
    checkStructure({ resourceType: 'Patient', extension: [{ url: 'a', [key]: element }] });
    assert.ok(performance.now() - start < 200, key);
  }
});
