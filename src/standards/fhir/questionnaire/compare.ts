import { canonicalConversion, ucumSystem } from '../../ucum/canonical.ts';
import { decimalValue, isDecimal } from '../decimal.ts';
import { isJsonObject } from '../json-object.ts';

/** Below zero, zero or above; undefined: the two cannot be compared. */
export type Order = number | undefined;

/** Numbers by size; dates and times as their texts go, as far as both are given. */
export function compareValues(a: unknown, b: unknown): Order {
  if (isDecimal(a) && isDecimal(b)) return decimalValue(a) - decimalValue(b);
  if (isJsonObject(a) && isJsonObject(b)) return compareQuantities(a, b);
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  return compareTimes(a, b);
}

/** R4 datatypes.html#dateTime: with zones by the instant, else by the parts both have. */
function compareTimes(a: string, b: string): Order {
  const zone = /(?:Z|[+-]\d\d:\d\d)$/;
  const zoned = /T/.test(a) && /T/.test(b) && zone.test(a) && zone.test(b);
  if (zoned) return Date.parse(a) - Date.parse(b);
  const length = Math.min(a.length, b.length);
  const [first, second] = [a.slice(0, length), b.slice(0, length)];
  return first === second ? 0 : first < second ? -1 : 1;
}

function compareQuantities(a: Record<string, unknown>, b: Record<string, unknown>): Order {
  const { value: one } = a;
  const { value: other } = b;
  if (!isDecimal(one) || !isDecimal(other)) return undefined;
  if (a['system'] === undefined || a['code'] === undefined) return undefined;
  if (a['system'] !== b['system']) return undefined;
  if (a['code'] === b['code']) return decimalValue(one) - decimalValue(other);
  if (a['system'] !== ucumSystem) return undefined;
  const from = canonicalConversion(String(a['code']));
  const to = canonicalConversion(String(b['code']));
  if (from === undefined || to === undefined || from.unit !== to.unit) return undefined;
  return from.convert(decimalValue(one)) - to.convert(decimalValue(other));
}
