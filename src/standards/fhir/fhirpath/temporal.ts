/** FHIRPath's three kinds of time; an instant is a dateTime. */
export type TemporalKind = 'date' | 'dateTime' | 'time';

/**
 * A date, dateTime or time as written: year, month, day, hour, minute, second (a time begins at
 * hour), as many as were given; the last may hold the second's fraction.
 */
export type Temporal = {
  kind: TemporalKind;
  parts: readonly number[];
  /** Minutes east of UTC; undefined when not written. */
  zone: number | undefined;
  /** The second was written with a fraction, and is written with milliseconds again. */
  fraction: boolean;
};

const clock = '(\\d\\d)(?::(\\d\\d)(?::(\\d\\d(?:\\.\\d{1,12})?))?)?';
const timePattern = new RegExp(`^${clock}$`);
const dayPattern = '(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d))?)?';
const datePattern = new RegExp(`^${dayPattern}$`);
const dateTimePattern = new RegExp(`^${dayPattern}(?:T${clock}(Z|[+-]\\d\\d:\\d\\d)?)?$`);

/** Undefined for what is no such date or time; 30 February included. */
export function readTemporal(text: string, kind: TemporalKind): Temporal | undefined {
  const pattern = kind === 'time' ? timePattern : kind === 'date' ? datePattern : dateTimePattern;
  const found = pattern.exec(text);
  if (!found) return undefined;
  const fields: (string | undefined)[] = found.slice(1, kind === 'dateTime' ? 7 : 4);
  if (fields[2] === undefined && fields[3] !== undefined) return undefined; // a time needs its day
  const parts = fields.filter((field) => field !== undefined).map(Number);
  const zone = kind === 'dateTime' ? zoneMinutes(found[7]) : undefined;
  if (Number.isNaN(zone)) return undefined;
  const real = kind === 'time' ? isClock(parts) : isDay(parts) && isClock(parts.slice(3));
  return real ? { kind, parts, zone, fraction: text.includes('.') } : undefined;
}

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return minutes > 14 * 60 ? Number.NaN : zone.startsWith('-') ? -minutes : minutes;
}

function isClock([hour = 0, minute = 0, second = 0]: readonly number[]): boolean {
  return hour < 24 && minute < 60 && second < 61; // R4 allows the leap second
}

function isDay([year = 1, month = 1, day = 1]: readonly number[]): boolean {
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

export function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/**
 * Order of two dates, dateTimes or times: negative, 0, positive; undefined where the one written
 * less precisely leaves it open (N1 section Comparison; R4 fhirpath.html#datetime), and where one
 * has a time of day in a zone and the other a time of day in none.
 */
export function compareTemporal(a: Temporal, b: Temporal): number | undefined {
  const timed = a.kind !== 'time' && a.parts.length > 3 && b.parts.length > 3;
  if (timed && (a.zone === undefined) !== (b.zone === undefined)) return undefined;
  const left = timed ? inUtc(a) : a.parts;
  const right = timed ? inUtc(b) : b.parts;
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const one = left[at];
    const other = right[at];
    if (one === undefined || other === undefined) return undefined;
    if (one !== other) return one - other;
  }
  return 0;
}

function inUtc({ parts, zone }: Temporal): readonly number[] {
  if (!zone) return parts;
  const [year = 1, month = 1, day = 1, hour = 0, minute = 0, ...rest] = parts;
  const at = new Date(utcMs(year, month, day) + (hour * 60 + minute - zone) * 60_000);
  const date = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours()];
  return parts.length > 4 ? [...date, at.getUTCMinutes(), ...rest] : date;
}

/** Date.UTC reads the years 0 to 99 as 1900 to 1999. */
export function utcMs(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** One text for all that are equal: dateTimes in UTC, no zeros after a fraction. */
export function temporalKey(value: Temporal): string {
  const parts = value.kind !== 'time' && value.parts.length > 3 ? inUtc(value) : value.parts;
  const zoned = value.zone === undefined && value.kind === 'dateTime' && parts.length > 3;
  return parts.join('-') + (zoned ? ' without zone' : '');
}

/** As FHIR writes it, in the precision given. */
export function temporalText({ kind, parts, zone, fraction }: Temporal): string {
  const [year = 1, ...after] = kind === 'time' ? [0, 0, 0, ...parts] : parts;
  const texts = after.map((part, at) => (at === 4 ? secondText(part, fraction) : two(part)));
  if (kind === 'time') return texts.slice(2).join(':');
  const date = [String(year).padStart(4, '0'), ...texts.slice(0, 2)].join('-');
  return texts.length < 3 ? date : `${date}T${texts.slice(2).join(':')}${zoneText(zone)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function secondText(second: number, fraction: boolean): string {
  const ms = Math.round(second * 1000) % 1000;
  const whole = two(Math.trunc(second));
  return ms === 0 && !fraction ? whole : `${whole}.${String(ms).padStart(3, '0')}`;
}

function zoneText(zone: number | undefined): string {
  if (zone === undefined) return '';
  if (zone === 0) return 'Z';
  const minutes = Math.abs(zone);
  return `${zone < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}
