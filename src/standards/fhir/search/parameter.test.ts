import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractIndex } from './extract.ts';
import { includable, presence, searchableTypes, searchParameters } from './parameter.ts';

test('all 146 resource types have parameters whose plans can be walked', () => {
  assert.equal(searchableTypes().length, 146);
  for (const resourceType of searchableTypes()) {
    assert.ok(Array.isArray(extractIndex({ resourceType })), resourceType);
  }
  assert.equal(searchParameters('Nobody').size, 0);
  assert.equal(searchParameters('constructor').size, 0);
});

test('a parameter without rows of its own is answered by ones that have them', () => {
  for (const type of searchableTypes()) {
    const parameters = searchParameters(type);
    for (const one of parameters.values()) {
      for (const code of one.covers) {
        const under = parameters.get(code);
        assert.ok(under?.covers.includes(code), `${type}.${one.code} looks under ${code}`);
        assert.equal(under?.kind, one.kind, `${type}.${one.code}`);
      }
      for (const code of one.root ?? []) assert.ok(parameters.has(code), `${type}.${one.code}`);
    }
  }
});

test('no value is indexed under two parameters of a type', () => {
  for (const type of searchableTypes()) {
    const places = new Map<string, string>();
    for (const { code, kind, plans } of searchParameters(type).values()) {
      for (const [path, datatype, only] of plans) {
        const place = `${kind} ${path} ${datatype} ${only ?? ''}`;
        assert.equal(places.get(place), undefined, `${type}.${code} and ${places.get(place)}`);
        places.set(place, code);
      }
    }
  }
});

test('the present parameters of every type fit a signed 64-bit mask', () => {
  const sizes = searchableTypes().map((type) => presence(type).size);
  assert.ok(Math.max(...sizes) <= 63);
  assert.deepEqual([...presence('Observation').values()].sort((a, b) => a - b).at(-1), 34);
});

test('an include follows references to stored resources, not canonical URLs', () => {
  assert.ok(includable('Observation').includes('patient'));
  assert.ok(!includable('MeasureReport').includes('measure'));
});
