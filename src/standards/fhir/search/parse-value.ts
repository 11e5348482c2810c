import { birthYears } from './birth-date.ts';
import { dateRange } from './date-range.ts';
import { decimalRange } from './decimal-range.ts';
import { approximateMargin } from './match.ts';
import type { SearchParameter } from './parameter.ts';
import { canonicalQuantity } from './quantity-unit.ts';
import { splitEscaped, unescapeText } from './query-text.ts';
import { referenceKey } from './reference-text.ts';
import type {
  BirthDateTest,
  DateTest,
  Prefix,
  QuantityTest,
  ReferenceTest,
  TokenTest,
} from './search-query.ts';
import { refuse } from './search-refused.ts';

const prefixed = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s;
const notEmpty = (text: string): string | undefined => (text === '' ? undefined : text);

function splitPrefix(text: string): [Prefix, string] {
  const [, prefix, rest = ''] = prefixed.exec(text) ?? [];
  return [(prefix as Prefix | undefined) ?? 'eq', rest];
}

/** A plus sign of a time zone that a URL decoder turned into a space is a plus sign. */
function mendZone(text: string): string {
  return text.replace(/ (?=\d\d:\d\d$)/, '+');
}

/** `now` in ms: what `ap` is measured from. */
export function dateTest(name: string, text: string, now?: number): DateTest {
  const [prefix, date] = splitPrefix(text);
  const range = dateRange(mendZone(date));
  if (range) return { prefix, low: range.low, high: range.high, ...marginOf(prefix, range, now) };
  return refuse(
    'value',
    name,
    `${name} takes a date such as ge2024-05-01 or 2024-05-01T10:00:00Z.`,
  );
}

function marginOf(prefix: Prefix, range: { low: number; high: number }, now?: number) {
  return prefix === 'ap' && now !== undefined ? { margin: approximateMargin(range, now) } : {};
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}

export function birthDateTest(name: string, text: string, now?: number): BirthDateTest {
  const [prefix, written] = splitPrefix(text);
  const value = mendZone(written);
  const { first, last } = birthYears;
  const range = dateRange(value);
  const known = range && yearOf(range.low) >= first && yearOf(range.high) <= last;
  if (known) return { prefix, value, ...marginOf(prefix, range, now) };
  return refuse('value', name, `${name} takes a date, ${first} to ${last}: 1970-05-12.`);
}

export function numberTest(name: string, text: string): QuantityTest {
  const [prefix, number] = splitPrefix(text);
  const range = decimalRange(number);
  return range
    ? { prefix, ...range }
    : refuse('value', name, `${name} takes a number such as lt5.4.`);
}

/** `[prefix]number|system|code`, R4 search.html#quantity. */
export function quantityTest(name: string, text: string): QuantityTest {
  const parts = splitEscaped(text, '|').map(unescapeText);
  const [number = '', system = '', code = ''] = parts;
  const [prefix, digits] = splitPrefix(number);
  const range = decimalRange(digits);
  if (!range || parts.length === 2 || parts.length > 3) {
    return refuse('value', name, `${name} takes a number or number|system|code.`);
  }
  const canonical = canonicalQuantity(system, code, range);
  return {
    prefix,
    ...range,
    ...(system !== '' && { system }),
    ...(code !== '' && { code }),
    ...(canonical && { canonical }),
  };
}

/** `code`, `system|code`, `|code` or `system|`, R4 search.html#token. */
export function tokenTest(name: string, text: string, parameter?: SearchParameter): TokenTest {
  const parts = splitEscaped(text, '|').map(unescapeText);
  const [first = '', second] = parts;
  const folded = (code: string): string => (parameter?.folded ? code.toLowerCase() : code);
  if (parts.length > 2 || (first === '' && (second ?? '') === '')) {
    return refuse('value', name, `${name} takes code, system|code, |code or system|.`);
  }
  if (second === undefined) return { code: folded(first) };
  const code = notEmpty(folded(second));
  const implied = parameter?.systems;
  if (implied === undefined || first === '') return { system: first, ...(code && { code }) };
  if (!implied.includes(first)) {
    return refuse('value', name, `The values of ${name} carry no system; give the code alone.`);
  }
  return code === undefined ? { system: '' } : { code };
}

/** `system|code|value`: all three, R4 search.html#token, `:of-type`. */
export function ofTypeTest(name: string, text: string): TokenTest {
  const parts = splitEscaped(text, '|').map(unescapeText);
  const [system = '', code = '', value = ''] = parts;
  if (parts.length !== 3 || system === '' || code === '' || value === '') {
    return refuse('value', name, `${name} takes type system|type code|value, all three.`);
  }
  return { system: `${system}|${code}`, code: value };
}

type ReferenceLimits = { targets: readonly string[]; type?: string; own?: string };
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;
const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;

/** `id`, `Type/id` or an absolute URL, R4 search.html#reference; `type` from `subject:Patient`. */
export function referenceTest(name: string, text: string, limits: ReferenceLimits): ReferenceTest {
  const { type, own } = limits;
  const targets = type === undefined ? limits.targets : [type];
  const value = unescapeText(text);
  if (limits.targets.length === 0) return { url: value };
  if (idPattern.test(value)) return { id: value, types: [...targets] };
  const key = value.includes('/_history/') ? undefined : referenceKey(value, own);
  if (key?.url === undefined && key !== undefined) {
    if (targets.includes(key.type)) return { id: key.id, types: [key.type] };
    return refuse('value', name, `${name} can not point to that type.`);
  }
  if (key !== undefined && absolute.test(value)) return { url: value };
  return refuse('value', name, `${name} takes an id, Type/id or an absolute URL.`);
}
