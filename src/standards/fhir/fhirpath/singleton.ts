import { decimalValue, isDecimal } from '../decimal.ts';
import type { Decimal } from './decimal-math.ts';
import { type FhirNode, type Nodes, systemNode, systemTypeOf } from './node.ts';
import { FhirPathRefused } from './refused.ts';

export const truePath: Nodes = Object.freeze([systemNode('System.Boolean', true)]);
export const falsePath: Nodes = Object.freeze([systemNode('System.Boolean', false)]);
const empty: Nodes = Object.freeze([]);

export function booleanPath(value: boolean | undefined): Nodes {
  return value === undefined ? empty : value ? truePath : falsePath;
}

export function stringPath(value: string): Nodes {
  return [systemNode('System.String', value)];
}

export function integerPath(value: number): Nodes {
  return [systemNode('System.Integer', value)];
}

export function decimalPath(value: Decimal): Nodes {
  return [systemNode('System.Decimal', value)];
}

/** The one node; undefined when there is none (N1 section Singleton Evaluation of Collections). */
export function single(nodes: Nodes): FhirNode | undefined {
  if (nodes.length > 1) {
    throw new FhirPathRefused('execution', 'One element is needed here, but there are several.');
  }
  return nodes[0];
}

/** A condition: a single element that is no Boolean counts as true (N1, the same section). */
export function truthOf(nodes: Nodes): boolean | undefined {
  const node = single(nodes);
  if (node === undefined) return undefined;
  if (typeof node.value === 'boolean') return node.value;
  return node.type === 'boolean' && node.value === undefined ? undefined : true;
}

function wrong(expected: string): FhirPathRefused {
  return new FhirPathRefused('execution', `${expected} is needed here.`);
}

/** The text of a string; of a date or time too, which FHIR writes as one. */
export function textOf(nodes: Nodes): string | undefined {
  const node = single(nodes);
  if (node === undefined || (node.value === undefined && node.sibling)) return undefined;
  if (typeof node.value === 'string') return node.value;
  throw wrong('A string');
}

export function integerOf(nodes: Nodes): number | undefined {
  const node = single(nodes);
  if (node === undefined || (node.value === undefined && node.sibling)) return undefined;
  if (systemTypeOf(node) === 'System.Integer' && typeof node.value === 'number') return node.value;
  throw wrong('An integer');
}

/** A number, with whether it is an Integer of FHIRPath. */
export function numberOf(nodes: Nodes): { value: Decimal; whole: boolean } | undefined {
  const node = single(nodes);
  if (node === undefined || (node.value === undefined && node.sibling)) return undefined;
  const type = systemTypeOf(node);
  const numeric = type === 'System.Integer' || type === 'System.Decimal';
  if (!numeric || !isDecimal(node.value)) throw wrong('A number');
  return { value: node.value, whole: type === 'System.Integer' };
}

export function doubleOf(nodes: Nodes): number | undefined {
  const number = numberOf(nodes);
  return number && decimalValue(number.value);
}
