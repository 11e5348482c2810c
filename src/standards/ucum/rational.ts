/** An exact fraction, so that equal amounts stay equal however they are converted. d > 0. */
export type Rational = { readonly n: bigint; readonly d: bigint };

export const one: Rational = { n: 1n, d: 1n };

/** A decimal such as 1.5, -2e-3; undefined for anything else, and beyond 999 as an exponent. */
export function rational(text: string): Rational | undefined {
  const found = /^([+-]?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!found) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const scale = Number(exponent) - fraction.length;
  if (scale >= 0) return { n: digits * 10n ** BigInt(scale), d: 1n };
  return reduced(digits, 10n ** BigInt(-scale));
}

export function times(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.n, a.d * b.d);
}

/** b is not 0. */
export function over(a: Rational, b: Rational): Rational {
  return b.n < 0n ? reduced(-a.n * b.d, a.d * -b.n) : reduced(a.n * b.d, a.d * b.n);
}

export function plus(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function minus(a: Rational, b: Rational): Rational {
  return plus(a, { n: -b.n, d: b.d });
}

/** a is not 0 where the exponent is negative. */
export function power(a: Rational, exponent: number): Rational {
  const size = BigInt(Math.abs(exponent));
  const raised = { n: a.n ** size, d: a.d ** size };
  return exponent < 0 ? over(one, raised) : raised;
}

/**
 * The nearest number, from 25 significant digits: one fraction always gives one number. ±Infinity
 * beyond what a number holds.
 */
export function toNumber({ n, d }: Rational): number {
  const shift = 25 - (`${n}`.length - `${d}`.length);
  const digits = shift >= 0 ? (n * 10n ** BigInt(shift)) / d : n / (d * 10n ** BigInt(-shift));
  return Number(`${digits}e${-shift}`);
}

function reduced(n: bigint, d: bigint): Rational {
  let [a, b] = [n < 0n ? -n : n, d];
  while (b !== 0n) [a, b] = [b, a % b];
  return a <= 1n ? { n, d } : { n: n / a, d: d / a };
}
