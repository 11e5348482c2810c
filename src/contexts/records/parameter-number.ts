import { presence } from '../../standards/fhir/search/parameter.ts';
import { isStoredParam } from './stored-param.ts';
import { typeNumber } from './type-number.ts';

/**
 * 16 bits that name a type's search parameter in every index row: type × 64 + the parameter's
 * stable bit. `x:identifier` (a reference's identifier) is x's with the type counted from 256.
 */
export function parameterNumber(type: string, param: string): number {
  const key = `${type}.${param}`;
  const known = numbers.get(key);
  if (known !== undefined) return known;
  if (isStoredParam(param)) return STORED;
  const [code = '', of] = param.split(':');
  const bit = presence(type).get(code);
  if (bit === undefined || bit > 63) throw new Error(`parameter without a number: ${key}`);
  const number = (typeNumber(type) + (of === undefined ? 0 : 256)) * 64 + bit;
  numbers.set(key, number);
  return number;
}

/** Of all parameters tenants define: above any of R4's, and below the sign of an int8. */
export const STORED = 32_767;

const numbers = new Map<string, number>();
