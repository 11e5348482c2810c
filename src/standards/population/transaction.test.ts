import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkStructure } from '../fhir/structure.ts';
import { asTransaction, patient } from './index.ts';

test('a transaction puts each resource under its own id, so loading it twice changes nothing', () => {
  const { resources } = patient(3, 0);
  const bundle = asTransaction(resources);
  assert.deepEqual(checkStructure(bundle), []);
  assert.equal(bundle.entry.length, resources.length);
  for (const { request, resource, fullUrl } of bundle.entry) {
    assert.equal(request.method, 'PUT');
    assert.equal(request.url, `${resource.resourceType}/${resource.id}`);
    assert.equal(fullUrl, `urn:uuid:${resource.id}`);
  }
  assert.deepEqual(asTransaction(patient(3, 0).resources), bundle);
});
