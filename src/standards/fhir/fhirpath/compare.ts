import { decimalFrom, isDecimal } from '../decimal.ts';
import { compareDecimal } from './decimal-math.ts';
import { comparable, temporalOf } from './equal.ts';
import { type FhirNode, type Nodes, systemTypeOf } from './node.ts';
import { quantityOf } from './quantity.ts';
import { FhirPathRefused } from './refused.ts';
import { single } from './singleton.ts';
import { compareTemporal } from './temporal.ts';

/**
 * Order of two single elements: negative, 0, positive; undefined when either is missing, or when
 * precision or unit leave it open (N1 section Comparison).
 *
 * @throws {FhirPathRefused} for types that have no order with each other.
 */
export function compareNodes(left: Nodes, right: Nodes): number | undefined {
  const one = single(left);
  const other = single(right);
  if (!one || !other || isBare(one) || isBare(other)) return undefined;
  if (isDecimal(one.value) && isDecimal(other.value)) return compareDecimal(one.value, other.value);
  const type = systemTypeOf(one);
  const otherType = systemTypeOf(other);
  if (type === 'System.Quantity' || otherType === 'System.Quantity') {
    return compareQuantities(one, other);
  }
  const time = temporalOf(one);
  const otherTime = temporalOf(other);
  if (time && otherTime && (time.kind === 'time') === (otherTime.kind === 'time')) {
    return compareTemporal(time, otherTime);
  }
  if (!time && !otherTime && type === otherType && type === 'System.String') {
    const text = String(one.value);
    const otherText = String(other.value);
    return text < otherText ? -1 : text > otherText ? 1 : 0;
  }
  throw new FhirPathRefused('execution', 'These two have no order with each other.');
}

/** A primitive with extensions only: it has no value to compare. */
function isBare(node: FhirNode): boolean {
  return node.value === undefined;
}

function compareQuantities(one: FhirNode, other: FhirNode): number | undefined {
  const left = quantityOf(one);
  const right = quantityOf(other);
  const amounts = left && right && comparable(left, right);
  return amounts && compareDecimal(decimalFrom(amounts[0]), decimalFrom(amounts[1]));
}
