import type { Convert, Elements } from './convert.ts';
import { numberOf } from './decimal-range.ts';
import type { QuantityValue } from './index-value.ts';
import { canonicalQuantity } from './quantity-unit.ts';

const elementsOf = (value: unknown): Elements | undefined =>
  typeof value === 'object' && value !== null ? (value as Elements) : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function measured(param: string, of: Omit<QuantityValue, 'kind' | 'param'>): QuantityValue {
  const canonical = canonicalQuantity(of.system, of.code, of);
  return { kind: 'quantity', param, ...of, ...(canonical && { canonical }) };
}

/** `<5` is everything up to 5: a comparator makes the value an open range. */
export const quantity: Convert = (value, param, out) => {
  const found = elementsOf(value);
  const number = numberOf(found?.value);
  if (!found || number === undefined) return;
  const comparator = text(found.comparator);
  const of = {
    value: number,
    low: comparator.startsWith('<') ? -Infinity : number,
    high: comparator.startsWith('>') ? Infinity : number,
    system: text(found.system),
    code: text(found.code),
    unit: text(found.unit),
  };
  out.push(measured(param, of));
};

export const range: Convert = (value, param, out) => {
  const low = elementsOf(elementsOf(value)?.low);
  const high = elementsOf(elementsOf(value)?.high);
  const from = numberOf(low?.value);
  const until = numberOf(high?.value);
  const number = from ?? until;
  if (number === undefined) return;
  const of = {
    value: number,
    low: from ?? -Infinity,
    high: until ?? Infinity,
    system: text(low?.system ?? high?.system),
    code: text(low?.code ?? high?.code),
    unit: text(low?.unit ?? high?.unit),
  };
  out.push(measured(param, of));
};
