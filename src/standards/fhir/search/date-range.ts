/** `day` also for coarser dates, which have no time and therefore no zone. */
type DatePrecision = 'year' | 'month' | 'day' | 'minute' | 'second' | 'millisecond';
/** Inclusive bounds in ms since 1970. */
export type DateRange = { low: number; high: number; precision: DatePrecision };

const pattern =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * The time a FHIR date, dateTime or instant covers (R4 search.html#date): a year is all of its
 * days, a minute all of its milliseconds. A date without a zone is UTC. Undefined for what is not a
 * date, 30 February included.
 */
export function dateRange(text: string): DateRange | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, zone] = found;
  const y = Number(year);
  if (y === 0) return undefined;
  if (month === undefined) return span(utc(y, 1, 1), utc(y + 1, 1, 1), 'year');
  const m = Number(month);
  if (m < 1 || m > 12) return undefined;
  if (day === undefined) return span(utc(y, m, 1), utc(y, m + 1, 1), 'month');
  const d = Number(day);
  const midnight = utc(y, m, d);
  if (d < 1 || midnight >= utc(y, m + 1, 1)) return undefined;
  if (hour === undefined) return span(midnight, midnight + dayMs, 'day');
  const offset = zoneMs(zone);
  // A leap second (:60) is read as the first second of the next minute.
  if (offset === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const from = midnight + (Number(hour) * 60 + Number(minute)) * minuteMs - offset;
  if (second === undefined) return span(from, from + minuteMs, 'minute');
  if (Number(second) > 60) return undefined;
  const at = from + Number(second) * 1000;
  if (fraction === undefined) return span(at, at + 1000, 'second');
  const ms = at + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return span(ms, ms + 1, 'millisecond');
}

function span(from: number, until: number, precision: DatePrecision): DateRange {
  return { low: from, high: until - 1, precision };
}

/** Date.UTC reads the years 0 to 99 as 1900 to 1999. */
function utc(year: number, month: number, day: number): number {
  if (year > 99) return Date.UTC(year, month - 1, day);
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

function zoneMs(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}
