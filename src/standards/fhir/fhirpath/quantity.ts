import { isDecimal } from '../decimal.ts';
import { isJsonObject } from '../json-object.ts';
import type { Decimal } from './decimal-math.ts';
import { type FhirNode, systemNode, systemTypeOf } from './node.ts';

/** FHIRPath's Quantity. `unit` is a UCUM code, or a calendar duration: year, day. */
export type PathQuantity = { value: Decimal; unit: string; calendar: boolean };

export const ucumSystem = 'http://unitsofmeasure.org';

/** Calendar durations that are as long as a UCUM unit (N1, Quantity); year and month are not. */
const definite: Readonly<Record<string, string>> = {
  week: 'wk',
  day: 'd',
  hour: 'h',
  minute: 'min',
  second: 's',
  millisecond: 'ms',
};

export function quantityNode(quantity: PathQuantity): FhirNode {
  return systemNode('System.Quantity', quantity);
}

/**
 * A node as FHIRPath's Quantity: one of its own, a number (of unit '1'), or FHIR's, whose UCUM code
 * is the unit (R4 fhirpath.html#quantity); undefined when it has no value, or a comparator.
 */
export function quantityOf(node: FhirNode): PathQuantity | undefined {
  const type = systemTypeOf(node);
  if ((type === 'System.Integer' || type === 'System.Decimal') && isDecimal(node.value)) {
    return { value: node.value, unit: '1', calendar: false };
  }
  if (type !== 'System.Quantity' || !isJsonObject(node.value)) return undefined;
  const { value, unit, code, system, comparator, calendar } = node.value;
  if (!isDecimal(value) || comparator !== undefined) return undefined;
  const own = node.type === 'System.Quantity';
  const text = own ? unit : (code ?? unit ?? '1');
  if (typeof text !== 'string') return undefined;
  // A unit of another system than UCUM can be compared with itself only.
  const foreign = !own && typeof system === 'string' && system !== ucumSystem;
  return { value, unit: foreign ? `${system}|${text}` : text, calendar: own && calendar === true };
}

/** The UCUM code of the unit; a calendar year or month, which vary in length, keep their word. */
export function definiteUnit({ unit, calendar }: PathQuantity): string {
  return (calendar && definite[unit]) || unit;
}

const average: Readonly<Record<string, string>> = { year: 'a', month: 'mo' };

/** For `~`: there, N1 takes a calendar year for UCUM's. */
export function equivalentUnit(quantity: PathQuantity): string {
  return (quantity.calendar && average[quantity.unit]) || definiteUnit(quantity);
}
