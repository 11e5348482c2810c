import { decimalValue, isDecimal } from '../../decimal.ts';
import type { FhirNode } from '../../fhirpath/fhirpath.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import type { ElementDefinition } from '../../snapshot/element-definition.ts';
import { type Binding, bindingOf } from '../binding.ts';
import { boundCode, boundCoded } from '../coded.ts';
import { compileInvariant, type Invariant, invariantFault } from '../invariant.ts';
import type { Demand } from './element.ts';
import { equalsFixed, matchesPattern } from './pattern.ts';

/** fixed[x], pattern[x], minValue[x] … of an ElementDefinition: the property that is there. */
export function statedValue(element: JsonObject, prefix: string): unknown {
  for (const key in element) {
    if (key.startsWith(prefix) && /^[A-Z]/.test(key.slice(prefix.length))) return element[key];
  }
  return undefined;
}

/** Demands on the value that an element itself states. */
export function valueDemands(element: ElementDefinition, id: string): Demand[] {
  const demands: Demand[] = [];
  const fixed = statedValue(element, 'fixed');
  if (fixed !== undefined) {
    demands.push((walk, { value }, depth) => {
      if (value === undefined || equalsFixed(value, fixed)) return;
      walk.error('value', depth, `${id}: expected the value that the profile fixes.`);
    });
  }
  const pattern = statedValue(element, 'pattern');
  if (pattern !== undefined) {
    demands.push((walk, { value }, depth) => {
      if (value === undefined || matchesPattern(value, pattern)) return;
      walk.error('value', depth, `${id}: expected what the pattern of the profile asks for.`);
    });
  }
  const { maxLength } = element;
  if (typeof maxLength === 'number') {
    demands.push((walk, { value }, depth) => {
      if (typeof value !== 'string' || value.length <= maxLength) return;
      walk.error('too-long', depth, `${id}: expected at most ${maxLength} characters.`);
    });
  }
  return [...demands, ...rangeDemands(element, id)];
}

function rangeDemands(element: ElementDefinition, id: string): Demand[] {
  const [least, most] = [statedValue(element, 'minValue'), statedValue(element, 'maxValue')];
  const demands: Demand[] = [];
  if (least !== undefined) {
    demands.push((walk, { value }, depth) => {
      if (order(value, least) !== -1) return;
      walk.error('value', depth, `${id}: less than the least value of the profile.`);
    });
  }
  if (most !== undefined) {
    demands.push((walk, { value }, depth) => {
      if (order(value, most) !== 1) return;
      walk.error('value', depth, `${id}: more than the greatest value of the profile.`);
    });
  }
  return demands;
}

/** -1, 0, 1; undefined where the two cannot be compared. */
export function order(a: unknown, b: unknown): number | undefined {
  if (isDecimal(a) && isDecimal(b)) return Math.sign(decimalValue(a) - decimalValue(b));
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length > 10 && b.length > 10) return Math.sign(Date.parse(a) - Date.parse(b));
    const length = Math.min(a.length, b.length, 10);
    const [left, right] = [a.slice(0, length), b.slice(0, length)];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (isJsonObject(a) && isJsonObject(b) && a['code'] === b['code']) {
    return order(a['value'], b['value']);
  }
  return undefined;
}

/** A binding stricter than, or other than, the one the type has by itself. */
export function bindingDemand(element: ElementDefinition, base?: JsonObject): Demand | undefined {
  const binding = bindingOf(element);
  if (binding === undefined || sameBinding(binding, base && bindingOf(base))) return undefined;
  return (walk, node, depth) => {
    const { type, value } = node;
    if (typeof value === 'string') {
      boundCode(walk, { binding, json: String(node.key) }, value, depth);
    } else if (isJsonObject(value)) boundCoded(walk, binding, type, { value, depth });
  };
}

function sameBinding(one: Binding, other: Binding | undefined): boolean {
  if (other === undefined || one.strength !== other.strength || one.most !== other.most)
    return false;
  return one.valueSet.replace(/\|.*/, '') === other.valueSet.replace(/\|.*/, '');
}

/** Invariants that the type does not have by itself. */
export function invariantDemands(element: ElementDefinition, known: ReadonlySet<string>): Demand[] {
  return (element.constraint ?? []).flatMap((constraint) => {
    if (known.has(String(constraint['expression'])) || everywhere.test(constraint.key)) return [];
    const invariant = compileInvariant(constraint, '');
    return invariant === undefined ? [] : [invariantDemand(invariant)];
  });
}

/** Checked by the walk for all elements and resources, however a profile words them. */
const everywhere = /^(?:ele-1|ext-1|dom-[2-6]|sdf-15a?)$/;

function invariantDemand(invariant: Invariant): Demand {
  return (walk, node: FhirNode, depth) => {
    const fault = invariantFault(walk, invariant, node);
    if (fault === undefined) return;
    if (fault.severity === 'error') walk.error('invariant', depth, fault.text);
    else walk.warning(fault.code, depth, fault.text);
  };
}
