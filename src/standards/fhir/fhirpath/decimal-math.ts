import { decimalFrom, decimalText, type RawNumber } from '../decimal.ts';
import { FhirPathRefused } from './refused.ts';

export type Decimal = number | RawNumber;

/** units × 10^-scale, scale ≥ 0: 1.50 is 150 and 2. */
export type Exact = { units: bigint; scale: number };

/**
 * Digits before or behind the point. R4 asks for 18 (datatypes.html#decimal); a number of a million
 * digits would take the memory of many requests.
 */
const maxDigits = 1000;

/** Digits a quotient is computed to: N1 asks for 28 at least. */
const quotientDigits = 28;

export function exact(value: Decimal): Exact {
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return { units: BigInt(value), scale: 0 };
  }
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(decimalText(value)) ?? [];
  const shift = Number(exponent);
  const scale = fraction.length - shift;
  if (whole.length + fraction.length + Math.abs(shift) > maxDigits) throw tooLong();
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return scale >= 0
    ? { units: digits, scale }
    : { units: digits * 10n ** BigInt(-scale), scale: 0 };
}

function tooLong(): FhirPathRefused {
  const message = `A number of more than ${maxDigits} digits is not computed with.`;
  return new FhirPathRefused('too-costly', message);
}

export function fromExact({ units, scale }: Exact): Decimal {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
  if (digits.length > maxDigits) throw tooLong();
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return decimalFrom(negative ? `-${text}` : text);
}

function aligned(a: Exact, b: Exact): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [rescaled(a, scale), rescaled(b, scale), scale];
}

function rescaled({ units, scale }: Exact, to: number): bigint {
  return units * 10n ** BigInt(to - scale);
}

/** Order of two numbers; two plain ones are compared as they are: both were written shortest. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = aligned(exact(a), exact(b));
  return left < right ? -1 : left > right ? 1 : 0;
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const [left, right, scale] = aligned(exact(a), exact(b));
  return fromExact({ units: left + right, scale });
}

export function negateDecimal(a: Decimal): Decimal {
  const { units, scale } = exact(a);
  return fromExact({ units: -units, scale });
}

export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  const left = exact(a);
  const right = exact(b);
  return fromExact({ units: left.units * right.units, scale: left.scale + right.scale });
}

/** Undefined when divided by zero (N1 section Division). */
export function divideDecimal(a: Decimal, b: Decimal): Decimal | undefined {
  const [left, right] = aligned(exact(a), exact(b));
  if (right === 0n) return undefined;
  const units = roundedQuotient(left * 10n ** BigInt(quotientDigits), right);
  return fromExact(trimmed({ units, scale: quotientDigits }));
}

/** N1 div: the whole part of the quotient, towards zero. */
export function wholeQuotient(a: Decimal, b: Decimal): Decimal | undefined {
  const [left, right] = aligned(exact(a), exact(b));
  return right === 0n ? undefined : fromExact({ units: left / right, scale: 0 });
}

export function remainder(a: Decimal, b: Decimal): Decimal | undefined {
  const [left, right, scale] = aligned(exact(a), exact(b));
  return right === 0n ? undefined : fromExact(trimmed({ units: left % right, scale }));
}

/** Half away from zero (N1 round). */
function roundedQuotient(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n;
  const above = a < 0n ? -a : a;
  const below = b < 0n ? -b : b;
  const quotient = (above * 2n + below) / (below * 2n);
  return negative ? -quotient : quotient;
}

/** Rounded to so many digits behind the point. */
export function roundDecimal(value: Decimal, digits: number): Decimal {
  const { units, scale } = exact(value);
  if (scale <= digits) return value;
  const rounded = roundedQuotient(units, 10n ** BigInt(scale - digits));
  return fromExact({ units: rounded, scale: digits });
}

/** The whole number towards zero, or down, or up. */
export function wholeDecimal(value: Decimal, direction: 'truncate' | 'floor' | 'ceiling'): Decimal {
  const { units, scale } = exact(value);
  const divisor = 10n ** BigInt(scale);
  const whole = units / divisor;
  const rest = units % divisor;
  const step =
    direction === 'floor' && rest < 0n ? -1n : direction === 'ceiling' && rest > 0n ? 1n : 0n;
  return fromExact({ units: whole + step, scale: 0 });
}

/** Without zeros at the end. */
export function trimmed({ units, scale }: Exact): Exact {
  let shorter = units;
  let digits = scale;
  while (digits > 0 && shorter % 10n === 0n) {
    shorter /= 10n;
    digits--;
  }
  return { units: shorter, scale: digits };
}

/** One text for all equal numbers: 1.0 and 1.00 and 1. */
export function decimalKey(value: Decimal): string {
  if (Number.isSafeInteger(value)) return String(value);
  return decimalText(fromExact(trimmed(exact(value))));
}
