import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { birthDateBuckets, birthDateCover, birthDateMatches } from './birth-date.ts';
import type { Prefix } from './search-query.ts';

const prefixes: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/**
 * Dates of every precision, crowded around a few years and the ends of months, where mistakes live.
 */
function birthDates(firstYear: number, lastYear: number): fc.Arbitrary<string> {
  const anywhere = fc.integer({ min: firstYear, max: lastYear });
  const year = fc.oneof(anywhere, fc.integer({ min: 1969, max: 1972 }));
  const day = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constantFrom(1, 28, 29, 30, 31));
  return fc
    .tuple(year, fc.constantFrom(1, 2, 3, 6, 11, 12), day, fc.constantFrom(4, 7, 10))
    .map(([y, m, d, length]) => {
      const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
      const time = Date.UTC(y, m - 1, Math.min(d, last));
      return new Date(time).toISOString().slice(0, length);
    });
}

const times = [
  ...['T00:00', 'T10:00:00Z', 'T23:59', 'T23:59:59.999Z', 'T00:00:00.000Z'],
  ...['T23:00:00-05:00', 'T01:00:00+14:00'],
];

test('a stored birth date is in the buckets of a test exactly when it answers the test', () => {
  const tests = fc.record({
    prefix: fc.constantFrom(...prefixes),
    value: fc
      .tuple(birthDates(1851, 2149), fc.constantFrom('', ...times))
      .map(([date, time]) => (date.length === 10 ? date + time : date)),
  });
  fc.assert(
    fc.property(tests, birthDates(1700, 2300), (asked, stored) => {
      const { buckets } = birthDateCover(asked);
      const own = new Set(birthDateBuckets(stored));
      const found = buckets.some((bucket) => own.has(bucket));
      assert.equal(
        found,
        birthDateMatches(asked, stored),
        `${asked.prefix}${asked.value} ${stored}`,
      );
    }),
    { numRuns: 3000 },
  );
});

test('a time of day parts its day into what is before it and after', () => {
  const found = (prefix: Prefix, value: string): string[] =>
    ['1970-05-11', '1970-05-12', '1970-05-13'].filter((stored) => {
      const own = new Set(birthDateBuckets(stored));
      return birthDateCover({ prefix, value }).buckets.some((bucket) => own.has(bucket));
    });
  const noon = '1970-05-12T12:00:00Z';
  const [before, day, after] = ['1970-05-11', '1970-05-12', '1970-05-13'];
  assert.deepEqual(found('lt', noon), [before, day]);
  assert.deepEqual(found('gt', noon), [day, after]);
  assert.deepEqual(found('eq', noon), []);
  assert.deepEqual(found('eb', noon), [before]);
  assert.deepEqual(found('sa', noon), [after]);
  assert.deepEqual(found('gt', '1970-05-12T23:59:59.999Z'), [after]);
  assert.deepEqual(found('lt', '1970-05-12T00:00:00.000Z'), [before]);
});

test('ap of a birth date reaches as far as it says', () => {
  const dayMs = 86_400_000;
  const margin = fc.integer({ min: 0, max: 6000 }).map((days) => days * dayMs);
  fc.assert(
    fc.property(birthDates(1900, 2100), birthDates(1900, 2100), margin, (value, stored, far) => {
      const asked = { prefix: 'ap', value, margin: far } as const;
      const own = new Set(birthDateBuckets(stored));
      const found = birthDateCover(asked).buckets.some((bucket) => own.has(bucket));
      assert.equal(found, birthDateMatches(asked, stored), `${value} ${stored} ${far / dayMs}`);
    }),
    { numRuns: 1000 },
  );
});

test('no birth date test asks for more than 400 buckets', () => {
  for (const prefix of prefixes) {
    for (const value of ['1850', '1850-01-01', '2000-02-29', '1999-12-30', '2150', '2150-12-31']) {
      assert.ok(birthDateCover({ prefix, value }).buckets.length <= 400, `${prefix}${value}`);
    }
  }
});

test('a birth date is indexed by its year, its month and its day', () => {
  assert.deepEqual(birthDateBuckets('1970-05-12'), ['y1970', 'm1970-05', 'd1970-05-12']);
  assert.deepEqual(birthDateBuckets('1970-05'), ['y1970', 'm1970-05', 'M1970-05']);
  assert.deepEqual(birthDateBuckets('1970'), ['y1970', 'Y1970']);
  assert.deepEqual(birthDateBuckets('1812-01'), ['before', 'y1812', 'm1812-01', 'M1812-01']);
  assert.deepEqual(birthDateBuckets('soon'), []);
});
