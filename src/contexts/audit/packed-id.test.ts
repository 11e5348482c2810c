import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packId, unpackId } from './packed-id.ts';

test('an id comes out as it went in; a UUID takes 17 bytes', () => {
  const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';
  for (const id of ['', 'p1', uuid, uuid.toUpperCase(), 'seventeen-letters', '.', 'a'.repeat(64)]) {
    assert.equal(unpackId(packId(id)), id);
  }
  assert.equal(packId(uuid).length, 17);
});
