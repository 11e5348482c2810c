import type { DateTest, QuantityTest } from './search-query.ts';

type Bounds = { low: number; high: number };

/**
 * Whether a date value answers a test: the reference for every other implementation (R4
 * search.html#prefix, inclusive bounds in ms).
 *
 * | prefix | holds when |
 * | eq, ne | the test's range contains the value's range, or does not |
 * | gt, lt | the value reaches above the test's end, below its beginning |
 * | ge, le | the value reaches the test's range ("the specified value and up") or lies beyond it |
 * | sa, eb | the whole value lies above the test's range, below it |
 * | ap | the ranges overlap, the test's widened (`approximateDate`) |
 */
export function dateMatches(test: DateTest, value: Bounds): boolean {
  if (test.prefix === 'ap') return overlaps(approximateDate(test), value);
  const contained = test.low <= value.low && value.high <= test.high;
  return rangeMatches(test.prefix, contained, test, value);
}

/**
 * The range `ap` overlaps with: `margin` on each side, and never less than a tenth of its own
 * length.
 */
export function approximateDate({ low, high, margin = 0 }: Bounds & { margin?: number }): Bounds {
  const each = Math.max(margin, Math.floor((high - low + 1) / 10));
  return { low: low - each, high: high + each };
}

const dayMs = 86_400_000;

/**
 * How far `ap` reaches around a date: a tenth of the time between it and `now`, as R4
 * search.html#prefix recommends, in whole days so that pages of one day agree. ms.
 */
export function approximateMargin({ low, high }: Bounds, now: number): number {
  const gap = Math.max(low - now, now - high, 0);
  return Math.floor(gap / 10 / dayMs) * dayMs;
}

/**
 * Whether a number or quantity answers a test, the unit aside: as for dates, but the upper bound is
 * not included (search.html#number: 100 is 99.5 up to, not with, 100.5), and gt, lt, ge, le, sa and
 * eb compare with the number exactly ("treated as if they have arbitrarily high precision").
 */
export function quantityMatches(test: QuantityTest, value: Bounds): boolean {
  if (test.prefix === 'ap') return overlaps(approximateQuantity(test), value);
  const contained = test.low <= value.low && value.high < test.high;
  return rangeMatches(test.prefix, contained, { low: test.value, high: test.value }, value);
}

/** Ten percent of the number on each side, and never less than its written precision. */
export function approximateQuantity({ value, low, high }: Bounds & { value: number }): Bounds {
  const margin = Math.abs(value) / 10;
  return { low: Math.min(low, value - margin), high: Math.max(high, value + margin) };
}

function overlaps(a: Bounds, b: Bounds): boolean {
  return a.low <= b.high && b.low <= a.high;
}

/** `contained`: in the range as written; `exact`: what the comparisons use. */
function rangeMatches(
  prefix: Exclude<DateTest['prefix'], 'ap'>,
  contained: boolean,
  exact: Bounds,
  value: Bounds,
): boolean {
  switch (prefix) {
    case 'eq':
      return contained;
    case 'ne':
      return !contained;
    case 'gt':
      return value.high > exact.high;
    case 'lt':
      return value.low < exact.low;
    case 'ge':
      return value.high >= exact.low;
    case 'le':
      return value.low <= exact.high;
    case 'sa':
      return value.low > exact.high;
    case 'eb':
      return value.high < exact.low;
  }
}
