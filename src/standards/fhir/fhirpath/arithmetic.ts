import { canonicalConversion } from '../../ucum/canonical.ts';
import { decimalFrom, decimalValue, isDecimal } from '../decimal.ts';
import {
  addDecimal,
  type Decimal,
  divideDecimal,
  multiplyDecimal,
  negateDecimal,
  remainder,
  wholeQuotient,
} from './decimal-math.ts';
import { comparable, temporalOf } from './equal.ts';
import { type FhirNode, type Nodes, nothing, systemNode, systemTypeOf } from './node.ts';
import { definiteUnit, type PathQuantity, quantityNode, quantityOf } from './quantity.ts';
import { FhirPathRefused } from './refused.ts';
import { type Run, spendText } from './run.ts';
import { decimalPath, single, stringPath } from './singleton.ts';
import type { Temporal } from './temporal.ts';
import { temporalText } from './temporal.ts';
import { type DurationUnit, isDurationUnit, shiftTemporal } from './temporal-shift.ts';

/** N1 section Math: overflow gives empty. Integers have 32 bits. */
export function wholePath(value: Decimal): Nodes {
  const number = decimalValue(value);
  return Math.abs(number) <= 2_147_483_647 ? [systemNode('System.Integer', number)] : nothing;
}

function both(left: Nodes, right: Nodes): [FhirNode, FhirNode] | undefined {
  const one = single(left);
  const other = single(right);
  if (!one || !other || one.value === undefined || other.value === undefined) return undefined;
  return [one, other];
}

function mismatch(): FhirPathRefused {
  return new FhirPathRefused('execution', 'This operator does not take values of these types.');
}

/** `+`: numbers, strings, quantities, and a date or time with a duration. */
export function plus(run: Run, left: Nodes, right: Nodes): Nodes {
  const pair = both(left, right);
  if (!pair) return nothing;
  const [one, other] = pair;
  if (isDecimal(one.value) && isDecimal(other.value)) return sum(one, other, other.value);
  if (bothStrings(one, other)) return joined(run, String(one.value), String(other.value));
  return moved(pair, 1) ?? quantitySum(pair, 1);
}

export function minus(left: Nodes, right: Nodes): Nodes {
  const pair = both(left, right);
  if (!pair) return nothing;
  const [one, other] = pair;
  if (isDecimal(one.value) && isDecimal(other.value)) {
    return sum(one, other, negateDecimal(other.value));
  }
  return moved(pair, -1) ?? quantitySum(pair, -1);
}

function isWhole(node: FhirNode): boolean {
  return systemTypeOf(node) === 'System.Integer';
}

function sum(one: FhirNode, other: FhirNode, amount: Decimal): Nodes {
  if (!isDecimal(one.value)) return nothing;
  const result = addDecimal(one.value, amount);
  return isWhole(one) && isWhole(other) ? wholePath(result) : decimalPath(result);
}

function bothStrings(one: FhirNode, other: FhirNode): boolean {
  return systemTypeOf(one) === 'System.String' && systemTypeOf(other) === 'System.String';
}

function joined(run: Run, one: string, other: string): Nodes {
  spendText(run, one.length + other.length);
  return stringPath(one + other);
}

/** `&`: a missing string counts as ''. */
export function concatenate(run: Run, left: Nodes, right: Nodes): Nodes {
  const text = (nodes: Nodes): string => {
    const node = single(nodes);
    if (node?.value === undefined) return '';
    if (typeof node.value !== 'string') throw mismatch();
    return node.value;
  };
  return joined(run, text(left), text(right));
}

/** Undefined when the left side is no date or time. */
function moved([one, other]: [FhirNode, FhirNode], sign: 1 | -1): Nodes | undefined {
  const time = temporalOf(one);
  if (!time) return undefined;
  const duration = systemTypeOf(other) === 'System.Quantity' ? quantityOf(other) : undefined;
  if (!duration) throw mismatch();
  const after = shift(time, duration, sign);
  return after ? [systemNode(systemTypeOf(one) ?? one.type, temporalText(after))] : nothing;
}

/** UCUM's units that are as long as their calendar durations. */
const definiteDurations: ReadonlyMap<string, DurationUnit> = new Map([
  ['wk', 'week'],
  ['d', 'day'],
  ['h', 'hour'],
  ['min', 'minute'],
  ['s', 'second'],
  ['ms', 'millisecond'],
]);

function shift(time: Temporal, duration: PathQuantity, sign: 1 | -1): Temporal | undefined {
  const amount = decimalValue(duration.value) * sign;
  const unit = definiteDurations.get(duration.unit) ?? duration.unit.replace(/s$/, '');
  if (isDurationUnit(unit)) return shiftTemporal(time, amount, unit);
  // N1 section Date/Time Arithmetic: UCUM's year and month are means, no calendar has them.
  throw new FhirPathRefused('execution', 'A date or time moves by a calendar duration: 1 month.');
}

function quantitySum([one, other]: [FhirNode, FhirNode], sign: 1 | -1): Nodes {
  const left = quantityOf(one);
  const right = quantityOf(other);
  if (!left || !right) throw mismatch();
  if (definiteUnit(left) !== definiteUnit(right)) {
    return comparable(left, right) ? convertedSum(left, right, sign) : nothing;
  }
  const amount = sign === 1 ? right.value : negateDecimal(right.value);
  return [quantityNode({ ...left, value: addDecimal(left.value, amount) })];
}

/** Units that differ: the left one's unit is kept, by the ratio of both in their common unit. */
function convertedSum(left: PathQuantity, right: PathQuantity, sign: 1 | -1): Nodes {
  const ratio = comparable({ ...left, value: 1 }, { ...right, value: 1 });
  const factor = ratio && divideDecimal(decimalFrom(ratio[1]), decimalFrom(ratio[0]));
  if (factor === undefined) return nothing;
  const amount = multiplyDecimal(right.value, sign === 1 ? factor : negateDecimal(factor));
  return [quantityNode({ ...left, value: addDecimal(left.value, amount) })];
}

/** `*` and `/`; a quantity may be multiplied and divided by a number. */
export function multiply(left: Nodes, right: Nodes): Nodes {
  const pair = both(left, right);
  if (!pair) return nothing;
  const [one, other] = pair;
  if (isDecimal(one.value) && isDecimal(other.value)) {
    const result = multiplyDecimal(one.value, other.value);
    return isWhole(one) && isWhole(other) ? wholePath(result) : decimalPath(result);
  }
  const [a, b] = quantities(one, other);
  const value = multiplyDecimal(a.value, b.value);
  if (a.unit === '1' || b.unit === '1')
    return [quantityNode({ ...(a.unit === '1' ? b : a), value })];
  return measured(value, `${definiteUnit(a)}.${grouped(definiteUnit(b))}`);
}

export function divide(left: Nodes, right: Nodes): Nodes {
  const pair = both(left, right);
  if (!pair) return nothing;
  const [one, other] = pair;
  if (isDecimal(one.value) && isDecimal(other.value)) {
    const result = divideDecimal(one.value, other.value);
    return result === undefined ? nothing : decimalPath(result);
  }
  const [a, b] = quantities(one, other);
  const same = definiteUnit(a) === definiteUnit(b);
  const value = divideDecimal(a.value, b.value);
  if (value === undefined) return nothing;
  if (!same && b.unit !== '1') {
    return measured(value, `${definiteUnit(a)}/${grouped(definiteUnit(b))}`);
  }
  return [quantityNode(same ? { value, unit: '1', calendar: false } : { ...a, value })];
}

/** UCUM writes a product of units with a point, and divides by one unit or a group. */
function grouped(unit: string): string {
  return /[./]/.test(unit) ? `(${unit})` : unit;
}

/** Empty when UCUM has no such unit, or it would grow without end. */
function measured(value: Decimal, unit: string): Nodes {
  if (unit.length > 100 || !canonicalConversion(unit)) return nothing;
  return [quantityNode({ value, unit, calendar: false })];
}

function quantities(one: FhirNode, other: FhirNode): [PathQuantity, PathQuantity] {
  const a = quantityOf(one);
  const b = quantityOf(other);
  if (!a || !b) throw mismatch();
  return [a, b];
}

/** `div` and `mod`, of numbers. */
export function divideWhole(left: Nodes, right: Nodes, operator: 'div' | 'mod'): Nodes {
  const pair = both(left, right);
  if (!pair) return nothing;
  const [one, other] = pair;
  if (!isDecimal(one.value) || !isDecimal(other.value)) throw mismatch();
  const whole = isWhole(one) && isWhole(other);
  const compute = operator === 'div' ? wholeQuotient : remainder;
  const result = compute(one.value, other.value);
  if (result === undefined) return nothing;
  return whole || operator === 'div' ? wholePath(result) : decimalPath(result);
}

/** The sign before an expression. */
export function negate(nodes: Nodes): Nodes {
  const node = single(nodes);
  if (node?.value === undefined) return nothing;
  if (isDecimal(node.value)) {
    const value = negateDecimal(node.value);
    return isWhole(node) ? wholePath(value) : decimalPath(value);
  }
  const quantity = quantityOf(node);
  if (!quantity) throw mismatch();
  return [quantityNode({ ...quantity, value: negateDecimal(quantity.value) })];
}
