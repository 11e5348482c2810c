import { canonicalConversion, ucumSystem } from '../../ucum/canonical.ts';
import type { CanonicalQuantity } from './search-query.ts';

/**
 * An amount with its bounds in the unit all UCUM codes of its dimension are compared in, so that
 * 5 g and 5000 mg are equal (R4 search.html#quantity: "the server ... may"). Undefined without a
 * UCUM code.
 */
export function canonicalQuantity(
  system: string | undefined,
  code: string | undefined,
  { value, low, high }: Omit<CanonicalQuantity, 'unit'>,
): CanonicalQuantity | undefined {
  if (system !== ucumSystem || code === undefined) return undefined;
  const found = canonicalConversion(code);
  if (!found) return undefined;
  const { unit, convert } = found;
  const amount = convert(value);
  const exact = low === value && high === value;
  if (exact) return { value: amount, low: amount, high: amount, unit };
  return { value: amount, low: convert(low), high: convert(high), unit };
}
