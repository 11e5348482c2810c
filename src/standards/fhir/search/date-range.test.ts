import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateRange } from './date-range.ts';

const iso = (text: string): string[] | undefined => {
  const range = dateRange(text);
  return range && [new Date(range.low).toISOString(), new Date(range.high).toISOString()];
};

test('a date covers all the time its precision leaves open', () => {
  const cases: [string, string, string][] = [
    ['2000', '2000-01-01T00:00:00.000Z', '2000-12-31T23:59:59.999Z'],
    ['2000-04', '2000-04-01T00:00:00.000Z', '2000-04-30T23:59:59.999Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z', '2000-02-29T23:59:59.999Z'],
    ['2013-01-14T10:00', '2013-01-14T10:00:00.000Z', '2013-01-14T10:00:59.999Z'],
    ['2013-01-14T10:00:07Z', '2013-01-14T10:00:07.000Z', '2013-01-14T10:00:07.999Z'],
    ['2013-01-14T10:00:07.5Z', '2013-01-14T10:00:07.500Z', '2013-01-14T10:00:07.500Z'],
    ['2013-01-14T10:00:07.123456+02:00', '2013-01-14T08:00:07.123Z', '2013-01-14T08:00:07.123Z'],
    ['0050-06', '0050-06-01T00:00:00.000Z', '0050-06-30T23:59:59.999Z'],
  ];
  for (const [text, low, high] of cases) assert.deepEqual(iso(text), [low, high], text);
});

test('what is not a date has no range', () => {
  const days = '20 2001-13 2001-00 2001-02-29 2001-02-31 0000 2001-2-3 2001-01-01Z';
  const hours = '2001-01-01T 2001-01-01T24:00 2001-01-01T10 2001-01-01T10:60';
  const seconds = '2001-01-01T10:00:61Z 2001-01-01T10:00:00+15:00';
  const wrong = ['', ' 2001', '2001\n', ...`${days} ${hours} ${seconds}`.split(' ')];
  for (const text of wrong) assert.equal(dateRange(text), undefined, text);
});
