import { daysOf, type Temporal, utcMs } from './temporal.ts';

/** A calendar duration's unit. */
export type DurationUnit = keyof typeof unitIndex;

const unitIndex = {
  year: 0,
  month: 1,
  week: 2,
  day: 2,
  hour: 3,
  minute: 4,
  second: 5,
  millisecond: 5,
} as const;

const unitMs = {
  week: 7 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
} as const;

const minutesPerDay = 1440;

export function isDurationUnit(unit: string): unit is DurationUnit {
  return Object.hasOwn(unitIndex, unit);
}

/**
 * The date or time later by a duration (N1 section Date/Time Arithmetic), in the precision it had;
 * undefined outside of the years 1 to 9999. `amount` may be negative.
 */
export function shiftTemporal(
  value: Temporal,
  amount: number,
  unit: DurationUnit,
): Temporal | undefined {
  if (!Number.isFinite(amount) || Math.abs(amount) > 1e15) return undefined;
  if (value.kind === 'time') return shiftTime(value, amount, unit);
  const precision = value.parts.length - 1;
  if (unit === 'year' || unit === 'month') {
    const months = unit === 'year' ? Math.trunc(amount) * 12 : Math.trunc(amount);
    return shiftMonths(value, precision === 0 ? Math.trunc(months / 12) * 12 : months);
  }
  const ms = unitMs[unit] * (unit === 'second' ? amount : Math.trunc(amount));
  // N1: the quantity is cut down to what the date is precise to: a year of 365 days, a month of 30.
  if (precision === 0) return shiftMonths(value, Math.trunc(ms / (365 * 86_400_000)) * 12);
  if (precision === 1) return shiftMonths(value, Math.trunc(ms / (30 * 86_400_000)));
  return shiftMs(value, cut(ms, precision));
}

function cut(ms: number, precision: number): number {
  const unit = [0, 0, unitMs.day, unitMs.hour, unitMs.minute][precision];
  return unit ? Math.trunc(ms / unit) * unit : Math.round(ms);
}

function shiftMonths(value: Temporal, months: number): Temporal | undefined {
  const [year = 1, month = 1, day, ...rest] = value.parts;
  const total = year * 12 + (month - 1) + months;
  const toYear = Math.floor(total / 12);
  if (toYear < 1 || toYear > 9999) return undefined;
  const toMonth = total - toYear * 12 + 1;
  const parts = value.parts.length === 1 ? [toYear] : [toYear, toMonth];
  if (day !== undefined) parts.push(Math.min(day, daysOf(toYear, toMonth)), ...rest);
  return { ...value, parts };
}

function shiftMs(value: Temporal, ms: number): Temporal | undefined {
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0] = value.parts;
  const clockMs = (hour * 60 + minute) * 60_000 + Math.round(second * 1000);
  const at = new Date(utcMs(year, month, day) + clockMs + ms);
  const toYear = at.getUTCFullYear();
  if (!(toYear >= 1 && toYear <= 9999)) return undefined;
  const parts = [
    toYear,
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds() + at.getUTCMilliseconds() / 1000,
  ];
  return { ...value, parts: parts.slice(0, value.parts.length) };
}

/** N1: a time that passes midnight begins anew. Years to days change nothing of it. */
function shiftTime(value: Temporal, amount: number, unit: DurationUnit): Temporal {
  if (unit === 'year' || unit === 'month') return value;
  const [hour = 0, minute = 0, second = 0] = value.parts;
  const ms = unitMs[unit] * (unit === 'second' ? amount : Math.trunc(amount));
  const dayMs = minutesPerDay * 60_000;
  const before = (hour * 60 + minute) * 60_000 + Math.round(second * 1000);
  const after = (((before + cut(ms, value.parts.length + 2)) % dayMs) + dayMs) % dayMs;
  const parts = [
    Math.trunc(after / 3_600_000),
    Math.trunc(after / 60_000) % 60,
    (after % 60_000) / 1000,
  ];
  return { ...value, parts: parts.slice(0, value.parts.length) };
}
