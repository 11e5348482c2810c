import { decimalText, isDecimal } from '../../decimal.ts';
import { isJsonObject } from '../../json-object.ts';

/** R4 elementdefinition.html#fixed: exactly this value, ids and extensions included. */
export function equalsFixed(value: unknown, fixed: unknown): boolean {
  if (isDecimal(fixed)) return sameNumber(value, fixed);
  if (Array.isArray(fixed)) {
    if (!Array.isArray(value) || value.length !== fixed.length) return false;
    return fixed.every((one, at) => equalsFixed(value[at], one));
  }
  if (!isJsonObject(fixed)) return value === fixed;
  if (!isJsonObject(value)) return false;
  const keys = Object.keys(fixed);
  if (Object.keys(value).length !== keys.length) return false;
  return keys.every((key) => Object.hasOwn(value, key) && equalsFixed(value[key], fixed[key]));
}

/**
 * R4 elementdefinition.html#pattern: at least this; of an array, each item of the pattern is met by
 * one of the value.
 */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (isDecimal(pattern)) return sameNumber(value, pattern);
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value)) return false;
    return pattern.every((one) => value.some((item) => matchesPattern(item, one)));
  }
  if (!isJsonObject(pattern)) return value === pattern;
  if (!isJsonObject(value)) return false;
  return Object.keys(pattern).every((key) => matchesPattern(value[key], pattern[key]));
}

/** Written the same, or the same number in JavaScript. */
function sameNumber(value: unknown, fixed: Parameters<typeof decimalText>[0]): boolean {
  if (!isDecimal(value)) return false;
  return decimalText(value) === decimalText(fixed) || Object.is(Number(value), Number(fixed));
}
