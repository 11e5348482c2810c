import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json-object.ts';
import { type TranslateRequest, translate } from './concept-map.ts';
import { r4ConceptMaps, r4Content } from './r4-content.ts';

const other = {
  ...{ resourceType: 'ConceptMap', url: 'urn:other' },
  group: [{ source: 'urn:a', target: 'urn:c', element: [{ code: 'z', target: [{ code: 'zz' }] }] }],
};
const group = {
  ...{ source: 'urn:a', target: 'urn:b' },
  element: [
    { code: '1', target: [{ code: 'one', display: 'One', equivalence: 'wider' }] },
    { code: '2', target: [] },
    {
      code: '3',
      target: [
        {
          ...{ code: 'three', equivalence: 'equal' },
          dependsOn: [{ property: 'urn:sex', value: 'female' }],
          product: [{ property: 'urn:site', system: 'urn:s', value: 'left' }],
        },
      ],
    },
  ],
};
const map = (unmapped?: JsonObject): JsonObject => ({
  ...{ resourceType: 'ConceptMap', url: 'urn:map' },
  group: [unmapped === undefined ? group : { ...group, unmapped }],
});
const ask = (code: string, more: Partial<TranslateRequest> = {}): TranslateRequest => ({
  ...{ system: 'urn:a', code, reverse: false, targetSystem: undefined, dependencies: [] },
  mapOf: (url) => (url === 'urn:other' ? other : undefined),
  ...more,
});

test('a code becomes what the map says, with how near it is', () => {
  assert.deepEqual(translate(map(), ask('1')), [
    {
      equivalence: 'wider',
      concept: { system: 'urn:b', code: 'one', display: 'One' },
      products: [],
      source: 'urn:map',
    },
  ]);
  assert.deepEqual(
    translate(map(), ask('2')).map(({ equivalence }) => equivalence),
    ['unmatched'],
  );
  assert.deepEqual(translate(map(), ask('9')), []);
  assert.deepEqual(translate(map(), ask('1', { system: 'urn:z' })), []);
  assert.deepEqual(translate(map(), ask('1', { targetSystem: 'urn:z' })), []);
});

test('backwards, wider becomes narrower', () => {
  const [found] = translate(map(), ask('one', { reverse: true, system: 'urn:b' }));
  assert.deepEqual(
    [found?.equivalence, found?.concept],
    ['narrower', { system: 'urn:a', code: '1' }],
  );
});

test('what depends on another element waits for it, and tells what comes with it', () => {
  assert.deepEqual(translate(map(), ask('3')), []);
  const sex = (code: string) => ({ dependencies: [{ element: 'urn:sex', coding: { code } }] });
  assert.deepEqual(translate(map(), ask('3', sex('male'))), []);
  const [found] = translate(map(), ask('3', sex('female')));
  assert.deepEqual(found?.products, [
    { element: 'urn:site', coding: { system: 'urn:s', code: 'left' } },
  ]);
});

test('what is not mapped goes the way the group says', () => {
  const code = (unmapped: JsonObject) => translate(map(unmapped), ask('z'))[0]?.concept;
  assert.deepEqual(code({ mode: 'provided' }), { system: 'urn:b', code: 'z' });
  assert.deepEqual(code({ mode: 'fixed', code: 'any' }), { system: 'urn:b', code: 'any' });
  assert.deepEqual(code({ mode: 'other-map', url: 'urn:other' }), { system: 'urn:c', code: 'zz' });
  assert.equal(code({ mode: 'other-map', url: 'urn:gone' }), undefined);
});

test('maps that lead to each other end', () => {
  const circle: JsonObject = map({ mode: 'other-map', url: 'urn:map' });
  assert.deepEqual(translate(circle, ask('z', { mapOf: () => circle })), []);
});

test("R4's own maps are found by what they map", () => {
  const [url = ''] = r4ConceptMaps('http://hl7.org/fhir/ValueSet/address-use', undefined);
  const found = r4Content.find('ConceptMap', url);
  assert.ok(found);
  const asked = ask('home', { system: 'http://hl7.org/fhir/address-use' });
  assert.equal(translate(found, asked)[0]?.concept?.code, 'H');
});
