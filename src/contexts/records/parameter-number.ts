import { presence } from '../../standards/fhir/search/parameter.ts';
import { typeNumber } from './type-number.ts';

/**
 * 16 bits that name a type's search parameter in every index row: type × 64 + the parameter's
 * stable bit. `x:identifier` (a reference's identifier) is x's with the type counted from 256.
 */
export function parameterNumber(type: string, param: string): number {
  const key = `${type}.${param}`;
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const [code = '', of] = param.split(':');
  const bit = presence(type).get(code);
  if (bit === undefined || bit > 63) throw new Error(`parameter without a number: ${key}`);
  const number = (typeNumber(type) + (of === undefined ? 0 : 256)) * 64 + bit;
  numbers.set(key, number);
  return number;
}

const numbers = new Map<string, number>();
