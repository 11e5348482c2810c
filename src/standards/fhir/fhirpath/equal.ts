import { canonicalConversion } from '../../ucum/canonical.ts';
import { decimalFrom, decimalValue, isDecimal } from '../decimal.ts';
import { isJsonObject } from '../json-object.ts';
import {
  type Decimal,
  decimalKey,
  divideDecimal,
  exact,
  multiplyDecimal,
  roundDecimal,
  trimmed,
} from './decimal-math.ts';
import { type FhirNode, type Nodes, systemTypeOf } from './node.ts';
import { definiteUnit, equivalentUnit, type PathQuantity, quantityOf } from './quantity.ts';
import { FhirPathRefused } from './refused.ts';
import { type Run, spend } from './run.ts';
import { compareTemporal, readTemporal, type Temporal, temporalKey } from './temporal.ts';

/** Levels of JSON a value may have to be compared; parseResourceJson allows 128. */
const maxLevels = 256;

/**
 * A text that two nodes share exactly if they are equal (N1 section Equals): so that distinct,
 * union and the like need no comparison of each with each. Dates of different precision have
 * different keys.
 */
export function nodeKey(run: Run, node: FhirNode): string {
  const { value } = node;
  const type = systemTypeOf(node);
  if (typeof value === 'string') {
    spend(run, 1 + (value.length >> 4));
    if (type === undefined || type === 'System.String') return `s${value}`;
    const read = temporalOf(node);
    return read ? `${read.kind === 'time' ? 't' : 'd'}${temporalKey(read)}` : `s${value}`;
  }
  spend(run, 1);
  if (typeof value === 'boolean') return `b${value}`;
  if (isDecimal(value)) return `n${decimalKey(value)}`;
  if (type === 'System.Quantity') {
    const quantity = quantityOf(node);
    if (quantity) return `q${quantityKey(quantity)}`;
  }
  return `o${jsonKey(run, value ?? node.sibling, 0)}`;
}

function quantityKey(quantity: PathQuantity): string {
  const { amount, unit } = canonical(quantity, definiteUnit(quantity));
  return `${amount}|${unit}`;
}

/** The amount in the unit that all comparable units share. */
function canonical({ value }: PathQuantity, code: string): { amount: string; unit: string } {
  const conversion = canonicalConversion(code);
  if (!conversion || conversion.unit === code) return { amount: decimalKey(value), unit: code };
  const amount = decimalKey(conversion.convert(decimalValue(value)));
  return { amount, unit: conversion.unit };
}

function jsonKey(run: Run, value: unknown, level: number): string {
  spend(run, 1);
  if (level > maxLevels) {
    throw new FhirPathRefused('too-costly', `Values of over ${maxLevels} levels are not compared.`);
  }
  if (typeof value === 'string') {
    spend(run, value.length >> 4);
    return JSON.stringify(value);
  }
  if (isDecimal(value)) return decimalKey(value);
  if (Array.isArray(value)) return `[${value.map((one) => jsonKey(run, one, level + 1)).join()}]`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.keys(value).sort();
  const texts = members.map(
    (key) => `${JSON.stringify(key)}:${jsonKey(run, value[key], level + 1)}`,
  );
  return `{${texts.join()}}`;
}

/** A Date, DateTime or Time as FHIRPath reads it. */
export function temporalOf(node: FhirNode): Temporal | undefined {
  if (typeof node.value !== 'string') return undefined;
  switch (systemTypeOf(node)) {
    case 'System.Date':
      return readTemporal(node.value, 'date');
    case 'System.DateTime':
      return readTemporal(node.value, 'dateTime');
    case 'System.Time':
      return readTemporal(node.value, 'time');
    default:
      return undefined;
  }
}

/** `=`: undefined is FHIRPath's empty. */
export function equalNodes(run: Run, left: Nodes, right: Nodes): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let open = false;
  for (const [at, one] of left.entries()) {
    const other = right[at];
    const equal = other && equalNode(run, one, other);
    if (equal === false) return false;
    if (equal === undefined) open = true;
  }
  return open ? undefined : true;
}

function equalNode(run: Run, left: FhirNode, right: FhirNode): boolean | undefined {
  const one = left.value;
  const other = right.value;
  if (typeof one === 'string' && typeof other === 'string') {
    spend(run, 1 + (one.length >> 4));
    if (one === other) return true;
    return equalTemporal(left, right);
  }
  if (typeof one === 'boolean' || typeof other === 'boolean') return one === other;
  if (typeof one === 'number' && typeof other === 'number') return one === other;
  const quantities = bothQuantities(left, right);
  if (quantities) return equalQuantity(...quantities);
  return nodeKey(run, left) === nodeKey(run, right);
}

/**
 * Strings that differ: equal all the same when both are dates or times of the same instant. A
 * string literal is compared with a FHIR date by its text.
 */
function equalTemporal(left: FhirNode, right: FhirNode): boolean | undefined {
  const one = temporalOf(left);
  const other = one && temporalOf(right);
  if (!one || !other || (one.kind === 'time') !== (other.kind === 'time')) return false;
  const order = compareTemporal(one, other);
  return order === undefined ? undefined : order === 0;
}

function bothQuantities(left: FhirNode, right: FhirNode): [PathQuantity, PathQuantity] | undefined {
  if (left.type === right.type && left.type !== 'System.Quantity') return undefined;
  if (systemTypeOf(left) !== 'System.Quantity' && systemTypeOf(right) !== 'System.Quantity') {
    return undefined;
  }
  const one = quantityOf(left);
  const other = one && quantityOf(right);
  return one && other && [one, other];
}

function equalQuantity(one: PathQuantity, other: PathQuantity): boolean | undefined {
  const amounts = comparable(one, other);
  return amounts && amounts[0] === amounts[1];
}

/**
 * Both amounts in one unit, as texts; undefined when the units cannot be compared (N1: then the
 * answer is empty).
 */
export function comparable(one: PathQuantity, other: PathQuantity): [string, string] | undefined {
  const left = definiteUnit(one);
  const right = definiteUnit(other);
  if (left === right) return [decimalKey(one.value), decimalKey(other.value)];
  if (isVarying(left) && isVarying(right)) {
    return [decimalKey(inMonths(one)), decimalKey(inMonths(other))];
  }
  const a = canonical(one, left);
  const b = canonical(other, right);
  return a.unit === b.unit ? [a.amount, b.amount] : undefined;
}

function isVarying(unit: string): boolean {
  return unit === 'year' || unit === 'month';
}

function inMonths({ value, unit }: PathQuantity): number {
  return decimalValue(value) * (unit === 'year' ? 12 : 1);
}

/** `~` (N1 section Equivalent): order does not count, nor case and spacing of strings. */
export function equivalentNodes(run: Run, left: Nodes, right: Nodes): boolean {
  if (left.length !== right.length) return false;
  if (left.length === 1 && left[0] && right[0]) return equivalentNode(run, left[0], right[0]);
  const rest = new Set(right);
  for (const one of left) {
    spend(run, rest.size);
    let found: FhirNode | undefined;
    for (const other of rest) {
      if (equivalentNode(run, one, other)) {
        found = other;
        break;
      }
    }
    if (!found) return false;
    rest.delete(found);
  }
  return true;
}

function equivalentNode(run: Run, left: FhirNode, right: FhirNode): boolean {
  const one = left.value;
  const other = right.value;
  spend(run, 1);
  if (typeof one === 'string' && typeof other === 'string') {
    const a = temporalOf(left);
    const b = a && temporalOf(right);
    if (a && b) return compareTemporal(a, b) === 0;
    spend(run, (one.length + other.length) >> 4);
    return loose(one) === loose(other);
  }
  if (isDecimal(one) && isDecimal(other)) {
    const digits = Math.min(decimals(one), decimals(other));
    return decimalKey(roundDecimal(one, digits)) === decimalKey(roundDecimal(other, digits));
  }
  const a =
    left.type === right.type && left.type !== 'System.Quantity' ? undefined : quantityOf(left);
  const b = a && quantityOf(right);
  if (a && b && !(isDecimal(one) && isDecimal(other))) return equivalentQuantity(a, b);
  return equivalentJson(run, one, other, 0);
}

function equivalentQuantity(a: PathQuantity, b: PathQuantity): boolean {
  const unit = equivalentUnit(a);
  const ratio = comparable(
    { value: 1, unit: equivalentUnit(b), calendar: false },
    { value: 1, unit, calendar: false },
  );
  if (!ratio) return false;
  // N1: to the precision of the less precise, in one unit.
  const factor = divideDecimal(decimalFrom(ratio[0]), decimalFrom(ratio[1]));
  if (factor === undefined) return false;
  const converted = factor === 1 ? b.value : multiplyDecimal(b.value, factor);
  const digits = Math.min(decimals(a.value), decimals(converted));
  return decimalKey(roundDecimal(a.value, digits)) === decimalKey(roundDecimal(converted, digits));
}

/** Digits behind the point, without the zeros at the end. */
function decimals(value: Decimal): number {
  return trimmed(exact(value)).scale;
}

function loose(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

function equivalentJson(run: Run, one: unknown, other: unknown, level: number): boolean {
  spend(run, 1);
  if (level > maxLevels) return jsonKey(run, one, level) === jsonKey(run, other, level);
  if (typeof one === 'string' && typeof other === 'string') return loose(one) === loose(other);
  if (isDecimal(one) && isDecimal(other)) return decimalKey(one) === decimalKey(other);
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length !== other.length) return false;
    const rest = new Set<number>(other.keys());
    return one.every((value) => {
      for (const at of rest) {
        if (!equivalentJson(run, value, other[at], level + 1)) continue;
        rest.delete(at);
        return true;
      }
      return false;
    });
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other;
  // N1: an element's id does not make it another.
  const keys = Object.keys(one).filter((key) => key !== 'id');
  const others = Object.keys(other).filter((key) => key !== 'id');
  return (
    keys.length === others.length &&
    keys.every((key) => equivalentJson(run, one[key], other[key], level + 1))
  );
}
