import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { DataKey } from './data-key.ts';
import { CACHED_KEYS, KEY_SECONDS, KeyCache } from './key-cache.ts';

const key = (subject = 1n) => new DataKey(1, subject, randomBytes(32));

test('the cache never holds more than its bound, and keeps what is in use', () => {
  const cache = new KeyCache(() => 0);
  const busy = key();
  cache.set(1, 1n, busy);
  for (let n = 2n; n < 3 * CACHED_KEYS; n += 1n) {
    cache.set(1, n, busy);
    if (n % 1000n === 0n) assert.equal(cache.get(1, 1n), busy);
    assert.ok(cache.size <= CACHED_KEYS);
  }
  assert.equal(cache.get(1, 2n), undefined);
});

test('the table is asked again after a minute, so that other nodes learn of an erasure', () => {
  let now = 0;
  const cache = new KeyCache(() => now);
  cache.set(1, 1n, key());
  now = KEY_SECONDS * 1000 - 1;
  assert.ok(cache.get(1, 1n));
  assert.equal(cache.get(2, 1n), undefined);
  now += 1;
  assert.equal(cache.get(1, 1n), undefined);
});

test('a read that was under way cannot put a condemned key back', () => {
  let now = 0;
  const cache = new KeyCache(() => now);
  const held = key();
  cache.set(1, 1n, held);
  cache.condemn(1, 1n);
  cache.set(1, 1n, key());
  assert.equal(cache.get(1, 1n), undefined);
  assert.throws(() => held.seal(Buffer.from('x'), 'c'), /ERASED/);
  now = 600_000;
  cache.set(1, 1n, key());
  assert.ok(cache.get(1, 1n));
});
