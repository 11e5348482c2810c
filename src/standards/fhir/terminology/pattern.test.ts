import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from './pattern.ts';
import { TerminologyRefused } from './refused.ts';

const alphabet = ['a', 'b', '1', '-', '.'];
const atom = fc.constantFrom(
  'a',
  'b',
  '1',
  '.',
  '[ab]',
  '[^a]',
  '[a-b1]',
  '\\d',
  '\\w',
  '\\.',
  '-',
);
const pattern = fc.letrec((tie) => ({
  whole: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('whole'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '{0}'))
      .map(([a, count]) => `(?:${a})${count}`),
  ),
})).whole as fc.Arbitrary<string>;
const value = fc.array(fc.constantFrom(...alphabet), { maxLength: 7 }).map((list) => list.join(''));

test('a pattern matches what a regular expression matches as a whole', () => {
  fc.assert(
    fc.property(pattern, value, (text, against) => {
      const expected = new RegExp(`^(?:${text})$`).test(against);
      assert.equal(compilePattern(text).matches(against), expected, `${text} on ${against}`);
    }),
    { numRuns: 3000 },
  );
});

test('a pattern made to run for hours does not', () => {
  const started = process.cpuUsage().user;
  assert.equal(compilePattern('(a+)+b').matches('a'.repeat(20_000)), false);
  assert.equal(compilePattern('(a|a)*c').matches('a'.repeat(20_000)), false);
  const blows = compilePattern('(a|b)*a(a|b){12}');
  for (let at = 0; at < 500; at += 1) {
    blows.matches(at.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').repeat(5));
  }
  assert.ok(blows.spent() > 10_000);
  assert.ok(process.cpuUsage().user - started < 1_000_000);
});

test('what a pattern cannot be is told', () => {
  const refusals: [string, string][] = [
    ['(a', 'invalid'],
    ['a)', 'invalid'],
    ['*a', 'invalid'],
    ['[z-a]', 'invalid'],
    ['[a', 'invalid'],
    ['a{3,2}', 'invalid'],
    ['(?=a)', 'not-supported'],
    ['(a)\\1', 'not-supported'],
    ['a'.repeat(501), 'too-costly'],
    ['(a{100}){100}', 'too-costly'],
  ];
  for (const [text, fault] of refusals) {
    assert.throws(
      () => compilePattern(text),
      (error) => error instanceof TerminologyRefused && error.fault === fault,
      text,
    );
  }
});
