/** A number with the bounds its written precision implies. */
export type DecimalRange = { value: number; low: number; high: number };

const pattern = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Half of the last digit as written on each side (R4 search.html#number): 5.40 is 5.395 up to
 * 5.405, 100 is 99.5 up to 100.5, the upper bound not included. 1e2 has one significant figure and
 * is 50 up to 150; the 95 to 105 printed in R4 contradicts the rule printed beneath it. Undefined
 * for what is not a decimal.
 */
export function decimalRange(text: string): DecimalRange | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  // In units of half of the last digit's tenth, so that both bounds are read as decimals, not added
  // as floats.
  const tenths = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`) * 10n;
  const scale = Number(exponent) - fraction.length - 1;
  return { value, low: Number(`${tenths - 5n}e${scale}`), high: Number(`${tenths + 5n}e${scale}`) };
}

/** A number of a parsed resource: a JavaScript number, or JSON.rawJSON where its text was kept. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null || !('rawJSON' in value)) return undefined;
  const number = Number(value.rawJSON);
  return Number.isFinite(number) ? number : undefined;
}
