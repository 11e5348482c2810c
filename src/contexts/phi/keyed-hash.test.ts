import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { blindHasher, CACHED_HASHES } from './blind-hash.ts';
import { deriveKey, hashKey, keyedHash } from './keyed-hash.ts';

test('the keyed hash is HMAC-SHA256, whatever the length and the letters', () => {
  for (const size of [0, 1, 16, 32, 64]) {
    const key = randomBytes(size);
    const prepared = hashKey(key);
    for (const value of ['', 'a', 'Ærøskøbing', '😀'.repeat(30), 'x'.repeat(9000), '\ud800']) {
      const expected = createHmac('sha256', key).update(`domain\0${value}`).digest();
      assert.deepEqual(keyedHash(prepared, 'domain', value), expected);
    }
  }
  assert.throws(() => hashKey(randomBytes(65)), RangeError);
});

test('a derived key is one block of HKDF-Expand, another one for each use', () => {
  const secret = randomBytes(32);
  const expected = createHmac('sha256', secret).update('medconnect phi index\0\u0001').digest();
  assert.deepEqual(deriveKey(secret, 'index'), expected);
  assert.notDeepEqual(deriveKey(secret, 'wrap'), expected);
});

test('a blind hash depends on tenant key, domain and value, and is the same when cached', () => {
  const cache = new Map<string, bigint>();
  const key = randomBytes(32);
  const hash = blindHasher(1, hashKey(key), cache);
  const expected = createHmac('sha256', key).update('name\0moss').digest().readBigInt64BE(0);
  assert.equal(hash('name', 'moss'), expected);
  assert.equal(hash('name', 'moss'), expected);
  assert.equal(cache.size, 1);
  const others = [
    hash('given', 'moss'),
    hash('name', 'mos'),
    hash('nam', 'emoss'),
    blindHasher(2, hashKey(randomBytes(32)), cache)('name', 'moss'),
  ];
  assert.equal(new Set([expected, ...others]).size, 5);
});

test('the cache of hashes is bounded, and long texts do not enter it', () => {
  const cache = new Map<string, bigint>();
  const hash = blindHasher(1, hashKey(randomBytes(32)), cache);
  hash('note', 'x'.repeat(1000));
  assert.equal(cache.size, 0);
  const first = hash('code', '0');
  for (let n = 1; n <= CACHED_HASHES; n += 1) hash('code', String(n));
  assert.equal(cache.size, 1);
  assert.equal(hash('code', '0'), first);
});
