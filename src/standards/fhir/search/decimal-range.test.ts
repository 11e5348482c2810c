import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalRange, numberOf } from './decimal-range.ts';

test('a number as written stands for half of its last digit on each side', () => {
  const cases: [string, number, number, number][] = [
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['1e2', 100, 50, 150],
    ['1.00e2', 100, 99.5, 100.5],
    ['5.40', 5.4, 5.395, 5.405],
    ['5.40e-3', 0.0054, 0.005395, 0.005405],
    ['-2.0', -2, -2.05, -1.95],
    ['0', 0, -0.5, 0.5],
  ];
  for (const [text, value, low, high] of cases) {
    assert.deepEqual(decimalRange(text), { value, low, high }, text);
  }
});

test('what is not a decimal has no range', () => {
  for (const text of ['', '.5', '5.', '1e', 'NaN', 'Infinity', '0x10', '1e999', '1 000', '5,4']) {
    assert.equal(decimalRange(text), undefined, text);
  }
});

test('the bounds always enclose the value', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e200, max: 1e200 }), (number) => {
      const range = decimalRange(String(number));
      assert.ok(range && range.low <= number && number <= range.high);
    }),
  );
});

test('a number of a resource is read whether its text was kept or not', () => {
  assert.equal(numberOf(5.4), 5.4);
  assert.equal(numberOf({ rawJSON: '5.40' }), 5.4);
  for (const other of ['5', null, undefined, {}, { rawJSON: 'x' }]) {
    assert.equal(numberOf(other), undefined);
  }
});
