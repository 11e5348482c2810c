import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nodeOf } from './fhirpath.ts';
import { FhirPathRefused } from './refused.ts';
import { compileRegex, matchesWhole, replaceMatches, search } from './regex.ts';
import { beginRun } from './run.ts';

const run = () => beginRun([nodeOf({})], { now: new Date(0) });
const found = (pattern: string, text: string) => search(compileRegex(pattern), text, run());

/** Patterns of R4's own invariants, and of every construct. */
const patterns = [
  '[A-Z]([A-Za-z0-9_]){0,254}',
  '^[a-zA-Z0-9\\/\\-_\\[\\]\\@]+$',
  '^http:\\/\\/hl7\\.org\\/fhirpath\\/System\\.[A-Z][A-Za-z]+$',
  '[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*',
  '^(a|ab)(c|bcd)(d*)$',
  'a{2,3}?b',
  '(?:x|y)+z',
  '\\d+-\\w*\\s?',
  '\\bfoo\\b',
  'x(?=y)',
  'x(?!y)',
  '(?<=y)x',
  '(?<!y)x',
  '(a*)*b',
  '(|a)+',
  '[^a-c]',
  '\\u0041|\\x42',
  '^$',
];

test('finds what the platform finds', () => {
  const letters = fc.string({
    unit: fc.constantFrom(...'abcdxyzABfo.-_ 019@[]/\n'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.constantFrom(...patterns), letters, (pattern, text) => {
      assert.equal(found(pattern, text), new RegExp(pattern, 's').test(text), pattern);
      const whole = new RegExp(`^(?:${pattern})$`, 's').test(text);
      assert.equal(matchesWhole(compileRegex(pattern), text, run()), whole, pattern);
    }),
    { numRuns: 3000 },
  );
});

test('replaces what the platform replaces', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'aab1-'), maxLength: 10 });
  const some = ['a', 'a+', '(a)(b)?', '[0-9]', 'a|b', '(?<x>a)b', 'a*'];
  fc.assert(
    fc.property(fc.constantFrom(...some), letters, (pattern, text) => {
      const expected = text.replace(new RegExp(pattern, 'gs'), '<$1>');
      const groups = pattern.includes('(');
      const actual = replaceMatches(compileRegex(pattern), text, '<$1>', run());
      if (groups) assert.equal(actual, expected, `${pattern} in ${text}`);
    }),
  );
});

test('a group is named in what replaces it', () => {
  const date = compileRegex('(?<month>\\d{1,2})/(?<day>\\d{1,2})/(?<year>\\d{2,4})');
  const by = '${day}-${month}-${year} $$';
  assert.equal(replaceMatches(date, 'on 11/30/1972.', by, run()), 'on 30-11-1972 $.');
});

test('characters beyond the basic plane are one character', () => {
  assert.ok(found('^.$', '🔥'));
  assert.ok(found('^🔥{2}$', '🔥🔥'));
  assert.ok(found('^\\p{L}+$', 'Zoë'));
});

test('a pattern that would backtrack without end is answered or refused, soon', () => {
  const before = process.cpuUsage().user;
  assert.equal(found('^(a+)+$', `${'a'.repeat(5000)}b`), false);
  assert.equal(found('(x*x*)*y', 'x'.repeat(3000)), false);
  assert.throws(() => found('(.*)(.*)(.*)(.*)(.*)z', 'x'.repeat(1_000_000)), {
    code: 'too-costly',
  });
  assert.throws(() => found('((a{500}){500}){500}', 'a'), { code: 'too-costly' });
  assert.throws(() => found('(?<=(.*))(?=.*y)z', 'x'.repeat(5000)), { code: 'too-costly' });
  assert.throws(() => found('a{40}', 'b'.repeat(1_000_000)), { code: 'too-costly' });
  assert.ok(process.cpuUsage().user - before < 3_000_000, 'under 3 s, on a busy machine');
});

test('what is no regular expression is refused', () => {
  for (const pattern of [
    '(',
    ')',
    '[a',
    '*a',
    'a{2,1}',
    'a{9999}',
    '(?#x)',
    'a++',
    '\\',
    '(a)\\1',
  ]) {
    assert.throws(() => compileRegex(pattern), FhirPathRefused, pattern);
  }
  assert.throws(() => compileRegex('('.repeat(5000)), FhirPathRefused);
  const deep = (levels: number) => `${'('.repeat(levels)}a${')'.repeat(levels)}`;
  assert.throws(() => compileRegex(deep(60)), FhirPathRefused);
  assert.ok(found(deep(40), 'a'));
});

test('whatever the pattern, only FhirPathRefused is thrown', () => {
  const pattern = fc.string({ unit: fc.constantFrom(...'ab()[]{}*+?|\\^$.-,:=!<>dwsbu019') });
  fc.assert(
    fc.property(pattern, fc.string(), (text, input) => {
      try {
        found(text, input);
      } catch (error) {
        assert.ok(error instanceof FhirPathRefused, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
