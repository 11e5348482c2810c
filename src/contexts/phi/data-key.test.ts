import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { DataKey } from './data-key.ts';

test("the tenant's own key spreads its values over many AES keys", () => {
  const secret = randomBytes(32);
  const own = new DataKey(1, 0n, Buffer.from(secret));
  const sealed = own.seal(Buffer.from('x'), 'Organization/1/administrative');
  const sameSecret = new DataKey(1, 5n, Buffer.from(secret));
  assert.throws(() => sameSecret.open(sealed, 'Organization/1/administrative'), /SEAL_BROKEN/);
  for (let n = 0; n < 2000; n += 1) {
    const context = `Organization/${n}/administrative`;
    assert.equal(own.open(own.seal(Buffer.from('x'), context), context).toString(), 'x');
  }
});

test('a value is bound to its tenant even where two tenants had the same secret', () => {
  const secret = randomBytes(32);
  const sealed = new DataKey(1, 5n, secret).seal(Buffer.from('x'), 'Patient/1/identity');
  assert.throws(() => new DataKey(2, 5n, secret).open(sealed, 'Patient/1/identity'), /SEAL_BROKEN/);
});
