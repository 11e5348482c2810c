import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import type { StructureDefinition } from '../../src/standards/fhir/snapshot/element-definition.ts';
import type { ElementNode } from '../../src/standards/fhir/snapshot/element-tree.ts';
import { snapshotTree } from '../../src/standards/fhir/snapshot/grow.ts';
import { typeCode } from './example-value.ts';
import { settledValue } from './instance.ts';

export type Fault = 'missing' | 'fixed' | 'binding' | 'cardinality' | 'type';
export type Variant = { readonly fault: Fault; readonly at: string; readonly broken: JsonObject };

const wrongConcept = { coding: [{ system: 'http://wrong.example/cs', code: 'wrong' }] };

/** The sound resource, each time with one thing a profile forbids at one of its elements. */
export function brokenVariants(profile: StructureDefinition, sound: JsonObject): Variant[] {
  return snapshotTree(profile).children.flatMap((node) => {
    const key = Object.keys(sound).find((one) => isOf(node, one));
    if (key === undefined || key === 'meta' || key === 'text') return [];
    return faultsOf(node, sound[key]).map(([fault, value]) => {
      const { [key]: _, ...rest } = structuredClone(sound);
      return { fault, at: key, broken: value === undefined ? rest : { ...rest, [key]: value } };
    });
  });
}

function isOf({ name }: ElementNode, key: string): boolean {
  if (!name.endsWith('[x]')) return name === key;
  const stem = name.slice(0, -3);
  return key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length));
}

/** Each fault with what the element then holds; undefined: nothing. */
function faultsOf(node: ElementNode, value: unknown): [Fault, unknown][] {
  const { element, slices } = node;
  const faults: [Fault, unknown][] = [];
  const required = (element.min ?? 0) > 0;
  const needed = slices.filter((slice) => (slice.element.min ?? 0) > 0);
  if (required || needed.length > 0) faults.push(['missing', undefined]);
  const list = Array.isArray(value);
  const put = (one: unknown) => (list ? [one] : one);
  const code = typeCode(element);
  const settled = settledValue(element) ?? needed.map((one) => settledValue(one.element))[0];
  if (settled !== undefined && code === 'CodeableConcept') {
    faults.push(['fixed', put(wrongConcept)]);
  }
  const binding = element['binding'] as { strength?: string } | undefined;
  if (binding?.strength === 'required') {
    if (code === 'code') faults.push(['binding', put('no-such-code')]);
    if (code === 'CodeableConcept') faults.push(['binding', put(wrongConcept)]);
  }
  if (element.max === '1')
    faults.push(['cardinality', list ? [...value, ...value] : [value, value]]);
  const targets = (element.type?.[0]?.['targetProfile'] as string[] | undefined) ?? [];
  if (code === 'Reference' && targets.length > 0 && !targets.some((one) => /Resource$/.test(one))) {
    faults.push(['type', put({ reference: 'Linkage/made-up' })]);
  }
  return faults;
}
