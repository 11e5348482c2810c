import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalConversion } from './canonical.ts';

const of = (amount: number, code: string) => {
  const found = canonicalConversion(code);
  return found && `${found.convert(amount)} ${found.unit}`;
};

test('equal amounts in different units become the same number', () => {
  const equal: [number, string, number, string][] = [
    [5, 'g', 5000, 'mg'],
    [0.1, 'g', 100, 'mg'],
    [1, 'L', 1000, 'mL'],
    [37, 'Cel', 98.6, '[degF]'],
    [37, 'Cel', 310.15, 'K'],
    [-40, 'Cel', -40, '[degF]'],
    [1, 'h', 60, 'min'],
    [1, '[in_i]', 2.54, 'cm'],
    [1, '[lb_av]', 0.45359237, 'kg'],
    [5, 'mmol/L', 0.005, 'mol/L'],
    [140, 'meq/L', 140, 'mmol/L'],
    [4.5, '10*3/uL', 4.5, '10*9/L'],
    [4500, '{cells}/uL', 4.5, '10*3/uL'],
    [72, '/min', 72, '{beats}/min'],
    [1.2, 'Hz', 72, '/min'],
    [90, 'mg/dL', 0.9, 'g/L'],
    [7, 'mU/L', 0.007, 'U/L'],
    [3, 'k[iU]', 3000, '[IU]'],
    [1, '%', 0.01, '1'],
    [2, 'N', 2, 'kg.m/s2'],
    [10, 'kPa', 10000, 'Pa'],
    [1, '10.L/(min.m2)', 10, 'L/min/m2'],
    [3, "''", 0.05, "'"],
  ];
  for (const [a, from, b, to] of equal) assert.equal(of(a, from), of(b, to), `${a} ${from}`);
});

test('a unit most values are written in is its own canonical form', () => {
  const codes = ['mm[Hg]', 'mg/dL', 'cm', 'kg', 'Cel', '/min', 'mmol/L', 'kg/m2', '%', 'U/L'];
  for (const code of codes) assert.equal(of(0.1, code), `0.1 ${code}`);
});

test('what is not a UCUM code, or means only itself, has no canonical form', () => {
  const codes = [
    '',
    '{score}',
    'mmHg',
    'MGM',
    'm/',
    '/',
    'm(s',
    'm)',
    'm{a',
    'Cel/min',
    'm99',
    'kmin',
  ];
  for (const code of [...codes, '0', 'm.0', 'x'.repeat(101), `m${'.m'.repeat(20)}`]) {
    assert.equal(of(1, code), undefined, code);
  }
});

test('amounts of different dimensions never meet', () => {
  const units = [
    'mg',
    'mL',
    'mmol/L',
    '10*9/L',
    '[iU]/L',
    'U/L',
    '/min',
    'Cel',
    '[pH]',
    'rad',
    's',
  ];
  const found = units.map((code) => canonicalConversion(code)?.unit);
  assert.equal(new Set(found).size, units.length);
});

test('conversion keeps the order, and open ends open', () => {
  const convert = canonicalConversion('[degF]')?.convert ?? Number;
  assert.equal(convert(-Infinity), -Infinity);
  const pair = fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(pair, ([a, b]) => Math.sign(convert(a) - convert(b) || 0) * Math.sign(a - b) >= 0),
  );
});

test('any text is a unit or none, at once', () => {
  const sign = fc.constantFrom(
    ...'mgLs/.(){}[]10*^-+%kdaCel'.split(''),
    '10*',
    '[pi]',
    'mol',
    '99',
  );
  const code = fc.array(sign, { maxLength: 60 }).map((signs) => signs.join(''));
  const started = process.cpuUsage();
  fc.assert(
    fc.property(fc.oneof(code, fc.string()), (text) => {
      canonicalConversion(text)?.convert(1.5);
    }),
    { numRuns: 2000 },
  );
  assert.ok(process.cpuUsage(started).user < 2_000_000);
});
