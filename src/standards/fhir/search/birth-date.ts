import { dateRange } from './date-range.ts';
import { approximateDate, dateMatches } from './match.ts';
import type { BirthDateTest } from './search-query.ts';

/**
 * Search values outside of these years are refused; stored ones are found through 'before' and
 * 'after'.
 */
export const birthYears = { first: 1850, last: 2150 } as const;
const dayMs = 86_400_000;

/**
 * The buckets a stored birth date (YYYY, YYYY-MM or YYYY-MM-DD) is indexed under, to be hashed.
 * Small letters are years, months and days that contain it; a capital letter says that it is itself
 * a whole year or month: 1970-05-12 is y1970, m1970-05, d1970-05-12; 1970 is y1970, Y1970. Empty
 * for what is not such a date.
 */
export function birthDateBuckets(value: string): string[] {
  if (!dateRange(value)) return [];
  const year = Number(value.slice(0, 4));
  const era = year < birthYears.first ? ['before'] : year > birthYears.last ? ['after'] : [];
  const buckets = [...era, `y${value.slice(0, 4)}`];
  if (value.length === 4) return [...buckets, `Y${value}`];
  buckets.push(`m${value.slice(0, 7)}`);
  return [...buckets, value.length === 7 ? `M${value}` : `d${value.slice(0, 10)}`];
}

/** The reference for `birthDateCover`: the same rules as for any date. */
export function birthDateMatches(test: BirthDateTest, value: string): boolean {
  const asked = dateRange(test.value);
  const found = dateRange(value);
  if (!asked || !found) return false;
  return dateMatches({ ...test, low: asked.low, high: asked.high }, found);
}

/**
 * The buckets of which a stored birth date has at least one exactly when it answers the test: at
 * most 400, for a test between 1850 and 2150. Hashes can not be compared by size, so a range is
 * asked for by its years, the months of its first and last year, and the days of its first and last
 * month.
 */
export function birthDateCover(test: BirthDateTest): { buckets: string[] } {
  const range = dateRange(test.value);
  if (!range) return { buckets: [] };
  const from = Math.floor(range.low / dayMs);
  const until = Math.floor(range.high / dayMs);
  // A time of day is only a part of its day: that day reaches above and below it.
  const above = Math.floor((range.high + 1) / dayMs);
  const below = Math.ceil(range.low / dayMs) - 1;
  const near = approximateDate({ ...range, ...(test.margin && { margin: test.margin }) });
  const buckets = {
    eq: () => containedIn(below + 1, above - 1),
    ne: () => [...touching(-Infinity, below), ...touching(above, Infinity)],
    gt: () => touching(above, Infinity),
    lt: () => touching(-Infinity, below),
    ge: () => touching(from, Infinity),
    le: () => touching(-Infinity, until),
    sa: () => containedIn(until + 1, Infinity),
    eb: () => containedIn(-Infinity, from - 1),
    ap: () => touching(Math.floor(near.low / dayMs), Math.floor(near.high / dayMs)),
  };
  return { buckets: [...new Set(buckets[test.prefix]())] };
}

const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
const dayOf = (year: number, month: number): number => Date.UTC(year, month, 1) / dayMs;

/** Dates that lie wholly within the days from..until. */
function containedIn(from: number, until: number): string[] {
  return [...era(from, until), ...inside(from, until)];
}

/**
 * Dates that share a day with from..until: also the whole years and months that reach over its
 * ends.
 */
function touching(from: number, until: number): string[] {
  const ends = [from, until].filter(Number.isFinite).map(dayText);
  const whole = ends.flatMap((day) => [`Y${day.slice(0, 4)}`, `M${day.slice(0, 7)}`]);
  return [...containedIn(from, until), ...whole];
}

function era(from: number, until: number): string[] {
  return [...(from === -Infinity ? ['before'] : []), ...(until === Infinity ? ['after'] : [])];
}

/** The fewest years, months and days that make up from..until, both included. */
function inside(from: number, until: number): string[] {
  const first = Math.max(from, dayOf(birthYears.first, 0));
  const last = Math.min(until, dayOf(birthYears.last + 1, 0) - 1);
  const buckets: string[] = [];
  for (let day = first; day <= last; ) {
    const text = dayText(day);
    const year = Number(text.slice(0, 4));
    const month = Number(text.slice(5, 7)) - 1;
    const nextYear = dayOf(year + 1, 0);
    const nextMonth = dayOf(year, month + 1);
    if (day === dayOf(year, 0) && nextYear - 1 <= last) {
      buckets.push(`y${text.slice(0, 4)}`);
      day = nextYear;
    } else if (day === dayOf(year, month) && nextMonth - 1 <= last) {
      buckets.push(`m${text.slice(0, 7)}`);
      day = nextMonth;
    } else {
      buckets.push(`d${text}`);
      day++;
    }
  }
  return buckets;
}
