import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateRange } from './date-range.ts';
import { dateMatches, quantityMatches } from './match.ts';
import { dateTest, numberTest } from './parse-value.ts';

const period = (start: string, end: string) => ({
  low: dateRange(start)?.low ?? -Infinity,
  high: dateRange(end)?.high ?? Infinity,
});
const day = (text: string) => period(text, text);

/** R4 search.html#date, the table "the use of the prefixes", and each prefix at its edges. */
const dates: [string, { low: number; high: number }, boolean][] = [
  ['2013-01-14', day('2013-01-14T00:00'), true],
  ['2013-01-14', day('2013-01-14T10:00'), true],
  ['2013-01-14', day('2013-01-15T00:00'), false],
  ['2013-01-14', day('2013-01'), false],
  ['ne2013-01-14', day('2013-01-15T00:00'), true],
  ['ne2013-01-14', day('2013-01-14T00:00'), false],
  ['ne2013-01-14', day('2013-01-14T10:00'), false],
  ['lt2013-01-14T10:00', day('2013-01-14'), true],
  ['gt2013-01-14T10:00', day('2013-01-14'), true],
  ['gt2013-01-14', day('2013-01-14T10:00'), false],
  ['gt2013-01-14', day('2013-01-15T00:00'), true],
  ['lt2013-01-14', day('2013-01-13T23:59'), true],
  ['lt2013-01-14', day('2013-01-14T00:00'), false],
  ['ge2013-01-14', day('2013-01-14T10:00'), true],
  ['ge2013-03-14', period('2013-01-21', ''), true],
  ['ge2013-03-14', period('2013-03-01', '2013-03-14T06:00'), true],
  ['ge2013-03-14', day('2013-03-13'), false],
  ['le2013-03-14', period('2013-01-21', ''), true],
  ['le2013-03-14', period('2013-03-14T18:00', '2013-03-20'), true],
  ['le2013-03-14', day('2013-03-15'), false],
  ['sa2013-03-14', period('2013-03-15', ''), true],
  ['sa2013-03-14', period('2013-01-21', ''), false],
  ['sa2013-03-14', period('', '2013-01-21'), false],
  ['eb2013-03-14', period('2013-03-15', ''), false],
  ['eb2013-03-14', period('2013-01-21', ''), false],
  ['eb2013-03-14', period('', '2013-01-21'), true],
  ['ap2013-03-14', day('2013-03-14'), true],
  ['ap2013-03-14', day('2013-03-15T01:00'), true],
  ['ap2013-03-14', day('2013-01-21'), false],
  ['ap2013-03-14', day('2015-06-15'), false],
];

test('dates match by the ranges that R4 gives their prefixes', () => {
  for (const [text, value, expected] of dates) {
    const found = dateMatches(dateTest('date', text), value);
    assert.equal(found, expected, `${text} and ${JSON.stringify(value)}`);
  }
});

const point = (value: number) => ({ low: value, high: value });
const numbers: [string, { low: number; high: number }, boolean][] = [
  ['100', point(100.4), true],
  ['100', point(99.5), true],
  ['100', point(100.5), false],
  ['100', point(100.6), false],
  ['ne100', point(100.5), true],
  ['120.0', point(120), true],
  ['100.00', point(100.4), false],
  ['ne100', point(100.4), false],
  ['ne100', point(101), true],
  ['gt100', point(100), false],
  ['gt100', point(100.1), true],
  ['lt100', point(100), false],
  ['lt100', point(99.9), true],
  ['ge100', point(100), true],
  ['ge100', point(99.9), false],
  ['le100', point(100), true],
  ['le100', point(100.1), false],
  ['gt100', { low: 90, high: 110 }, true],
  ['sa100', { low: 90, high: 110 }, false],
  ['sa100', { low: 101, high: 110 }, true],
  ['eb100', { low: 90, high: 99 }, true],
  ['eb100', { low: 90, high: 110 }, false],
  ['100', { low: 90, high: 110 }, false],
  ['lt100', { low: -Infinity, high: 5 }, true],
  ['ap100', point(110), true],
  ['ap100', point(111), false],
  ['ap-100', point(-110), true],
  ['ap100', { low: 105, high: 200 }, true],
];

test('numbers match by their written precision for eq and ne, and exactly for comparisons', () => {
  for (const [text, value, expected] of numbers) {
    const found = quantityMatches(numberTest('value', text), value);
    assert.equal(found, expected, `${text} and ${JSON.stringify(value)}`);
  }
});
