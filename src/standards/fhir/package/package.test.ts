import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CanonicalIndex, compareVersions } from './canonical-index.ts';
import { PackageRefused, readManifest } from './manifest.ts';

test('a canonical without a version means the newest, with one exactly that', () => {
  const index = new CanonicalIndex<string>();
  const url = 'http://x.example/p';
  for (const version of ['3.1.1', '10.0.0', '7.0.0', '10.0.0-ballot']) {
    index.add({ type: 'StructureDefinition', url, version }, version);
  }
  index.add({ type: 'ValueSet', url, version: undefined }, 'a value set');
  assert.equal(index.find('StructureDefinition', url), '10.0.0');
  assert.equal(index.find('StructureDefinition', `${url}|7.0.0`), '7.0.0');
  assert.equal(index.find('StructureDefinition', `${url}|8.0.0`), undefined);
  assert.equal(index.find('ValueSet', url), 'a value set');
  assert.equal(index.find('CodeSystem', url), undefined);
  assert.deepEqual([...index.newest('StructureDefinition')], ['10.0.0']);
  assert.equal(index.size, 5);
  index.add({ type: 'ValueSet', url, version: undefined }, 'another');
  assert.equal(index.find('ValueSet', url), 'another');
  assert.equal(index.size, 5);
});

test('versions go by numbers, dates by their parts, and a pre-release comes before', () => {
  const rising = ['', '1.9.0', '1.10.0-alpha', '1.10.0-beta', '1.10.0', '2.0.0', '2024-01-31'];
  const sorted = [...rising].reverse().sort(compareVersions);
  assert.deepEqual(sorted, rising);
});

test('a manifest names its package, and one for another FHIR is refused', () => {
  const manifest = { name: 'x.example', version: '1.0.0', fhirVersions: ['4.0.1'] };
  assert.deepEqual(readManifest(manifest), { name: 'x.example', version: '1.0.0' });
  assert.throws(() => readManifest({ ...manifest, fhirVersions: ['5.0.0'] }), PackageRefused);
  assert.throws(() => readManifest({}), PackageRefused);
  assert.throws(() => readManifest([]), PackageRefused);
});
