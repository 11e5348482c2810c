import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeString, stringPrefixes } from './normalize.ts';

test('case, accents, punctuation and repeated white space do not part equal names', () => {
  const cases: [string, string][] = [
    ['  Müller\t\tLÜDENSCHEIDT ', 'muller ludenscheidt'],
    ["O'Brien", 'obrien'],
    ['O’Brien', 'obrien'],
    ['Smith-Jones', 'smith jones'],
    ['St. John, Dr.', 'st john dr'],
    ['Strauß', 'strauss'],
    ['Łukasz Øst', 'lukasz ost'],
    ['ﬁ', 'fi'],
    ['İstanbul', 'istanbul'],
    ['山田', '山田'],
    ['ＭÜＬＬＥＲ　１', 'muller 1'],
    ['ISPARTA ısparta', 'isparta isparta'],
    ['ΟΔΟΣ οδόσα', 'οδοσ οδοσα'],
    ['Ħal Għaxaq', 'hal ghaxaq'],
    ['Ђорђевић Йосиф', 'ђорђевић иосиф'.normalize('NFD').replace(/\u0301/g, '')],
    ['מֹשֶׁה צ׳רלי', 'משה צרלי'],
    ['مُحَمَّـد أحمد', 'محمد احمد'],
    ['Nguyễn Thị', 'nguyen thi'],
    ['so\u00adft zero\u200bwidth', 'soft zerowidth'],
    ['ｶﾞ', 'ガ'.normalize('NFD')],
    ['---', ''],
  ];
  for (const [text, normalized] of cases) assert.equal(normalizeString(text), normalized, text);
});

test('vowel signs and voiced kana make other words', () => {
  for (const [one, other] of [
    ['सीता', 'सत'],
    ['กิน', 'กัน'],
    ['ガ', 'カ'],
  ] as const) {
    assert.notEqual(normalizeString(one), normalizeString(other));
  }
});

test('normalizing twice is normalizing once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const once = normalizeString(text);
      assert.equal(normalizeString(once), once);
    }),
  );
});

test('a text is found by each of its beginnings up to 32 characters', () => {
  assert.deepEqual(stringPrefixes('eve'), ['e', 'ev', 'eve']);
  assert.deepEqual(stringPrefixes('de la'), ['d', 'de', 'de l', 'de la']);
  assert.equal(stringPrefixes('x'.repeat(100)).length, 32);
  assert.deepEqual(stringPrefixes('😀a'), ['😀', '😀a']);
  assert.deepEqual(stringPrefixes(''), []);
});

test('the parts of a family name are found independently', () => {
  const prefixes = stringPrefixes(normalizeString('Carreno Quinones'), true);
  for (const text of ['carreno', 'quinones', 'q', 'carreno quin'])
    assert.ok(prefixes.includes(text));
  assert.ok(!stringPrefixes('carreno quinones').includes('quinones'));
});

test('a search text finds a value exactly when the value begins with it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 40 }), (asked, stored) => {
      const text = normalizeString(asked);
      const value = normalizeString(stored);
      fc.pre(text !== '');
      assert.equal(stringPrefixes(value).includes(text), value.startsWith(text));
    }),
  );
});
