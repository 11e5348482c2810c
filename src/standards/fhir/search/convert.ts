import { quantity, range } from './convert-quantity.ts';
import { tokens } from './convert-token.ts';
import { dateRange } from './date-range.ts';
import type { IndexValue } from './index-value.ts';
import { pointsTo, type ReferenceKey, referenceKey } from './reference-text.ts';
import type { SearchKind } from './search-query.ts';

/** A JSON object of a resource, not yet checked. */
export type Elements = { readonly [element: string]: unknown };
/**
 * What a conversion needs beside the value: the one type a reference may point to, our own address.
 */
export type Limits = { only?: string; own?: string };
/**
 * Adds the index values of one element's value; adds none for what is not of the datatype. Never
 * throws.
 */
export type Convert = (value: unknown, param: string, out: IndexValue[], limits: Limits) => void;

const elementsOf = (value: unknown): Elements | undefined =>
  typeof value === 'object' && value !== null ? (value as Elements) : undefined;

const string: Convert = (value, param, out) => {
  if (typeof value === 'string' && value !== '') out.push({ kind: 'string', param, value });
};

const part: Convert = (value, param, out) => {
  if (typeof value === 'string' && value !== '') {
    out.push({ kind: 'string', param, value, words: true });
  }
};

const uri: Convert = (value, param, out) => {
  if (typeof value === 'string' && value !== '') out.push({ kind: 'uri', param, value });
};

/** Findable with its version and without (search.html#uri). */
const canonicalUri: Convert = (value, param, out) => {
  uri(value, param, out, {});
  const bar = typeof value === 'string' ? value.indexOf('|') : -1;
  if (typeof value === 'string' && bar > 0) uri(value.slice(0, bar), param, out, {});
};

function push(
  key: ReferenceKey | undefined,
  param: string,
  out: IndexValue[],
  only?: string,
): void {
  if (key && (only === undefined || pointsTo(key, only))) {
    out.push({ kind: 'reference', param, ...key });
  }
}

/** A Reference by its literal and, for `:identifier`, by its logical identifier. */
const reference: Convert = (value, param, out, { only, own }) => {
  const found = elementsOf(value);
  if (!found) return;
  if (typeof found.reference === 'string') {
    push(referenceKey(found.reference, own), param, out, only);
  }
  const identifier = elementsOf(found.identifier);
  if (!identifier || (only !== undefined && found.type !== undefined && found.type !== only))
    return;
  const { system, value: code } = identifier;
  tokens.Coding?.({ system, code }, `${param}:identifier`, out, {});
};

const canonicalReference: Convert = (value, param, out) => {
  if (typeof value !== 'string' || value === '' || value.startsWith('#')) return;
  push({ type: '', id: '', url: value }, param, out);
  const bar = value.indexOf('|');
  if (bar > 0) push({ type: '', id: '', url: value.slice(0, bar) }, param, out);
};

/** A resource inside a Bundle, by its own type and id. */
const resource: Convert = (value, param, out, { only }) => {
  const { resourceType, id } = elementsOf(value) ?? {};
  if (typeof resourceType !== 'string' || typeof id !== 'string') return;
  push({ type: resourceType, id }, param, out, only);
};

const date: Convert = (value, param, out) => {
  const range = typeof value === 'string' ? dateRange(value) : undefined;
  if (range) out.push({ kind: 'date', param, low: range.low, high: range.high });
};

function periodBounds(value: unknown): { low: number; high: number } | undefined {
  const { start, end } = elementsOf(value) ?? {};
  const from = typeof start === 'string' ? dateRange(start) : undefined;
  const until = typeof end === 'string' ? dateRange(end) : undefined;
  if (!from && !until) return undefined;
  return { low: from?.low ?? -Infinity, high: until?.high ?? Infinity };
}

const period: Convert = (value, param, out) => {
  const bounds = periodBounds(value);
  if (bounds) out.push({ kind: 'date', param, ...bounds });
};

/**
 * search.html#date: "the specified scheduling details are ignored and only the outer limits
 * matter".
 */
const timing: Convert = (value, param, out) => {
  const { event, repeat } = elementsOf(value) ?? {};
  const events = Array.isArray(event) ? event : [];
  const ranges = events.flatMap((one) => (typeof one === 'string' ? (dateRange(one) ?? []) : []));
  const bounds = periodBounds(elementsOf(repeat)?.boundsPeriod);
  const all = bounds ? [...ranges, bounds] : ranges;
  if (all.length === 0) return;
  const low = Math.min(...all.map((one) => one.low));
  out.push({ kind: 'date', param, low, high: Math.max(...all.map((one) => one.high)) });
};

/** search.html#quantity; the currency is the code of a unit. */
const money: Convert = (value, param, out) => {
  const { value: number, currency } = elementsOf(value) ?? {};
  quantity({ value: number, code: currency, system: 'urn:iso:std:iso:4217' }, param, out, {});
};

const number: Convert = (value, param, out) => quantity({ value }, param, out, {});

const birthDate: Convert = (value, param, out) => {
  const found = typeof value === 'string' ? dateRange(value) : undefined;
  const whole = found?.precision === 'year' || found?.precision === 'month';
  if (typeof value !== 'string' || (!whole && found?.precision !== 'day')) return;
  out.push({ kind: 'birth-date', param, value });
};

const dates = { date, dateTime: date, instant: date, Period: period, Timing: timing };
const numbers = ['integer', 'positiveInt', 'unsignedInt', 'decimal'].map((type) => [type, number]);
const uris = ['uri', 'url', 'oid', 'uuid'].map((type) => [type, uri]);

const byKind: Partial<Record<SearchKind, Readonly<Record<string, Convert>>>> = {
  token: tokens,
  string: { string, part, markdown: string, id: string },
  uri: { ...Object.fromEntries(uris), canonical: canonicalUri },
  reference: {
    Reference: reference,
    canonical: canonicalReference,
    uri: canonicalReference,
    Resource: resource,
  },
  date: dates,
  'birth-date': { date: birthDate },
  quantity: { Quantity: quantity, Money: money, Range: range },
  number: { ...Object.fromEntries(numbers), Range: range },
};

/** How values of a datatype become index values of a parameter of this kind; undefined if never. */
export function converterFor(kind: SearchKind, datatype: string): Convert | undefined {
  const ofKind = byKind[kind] ?? {};
  return Object.hasOwn(ofKind, datatype) ? ofKind[datatype] : undefined;
}

/** As `converterFor`, for a pair R4 has; throws on another. */
export function converter(kind: SearchKind, datatype: string): Convert {
  const found = converterFor(kind, datatype);
  if (!found) throw new Error(`No conversion of ${datatype} for ${kind} parameters.`);
  return found;
}
