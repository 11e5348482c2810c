import { typeSchema } from '../definitions.ts';
import type { FhirNode } from '../fhirpath/fhirpath.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { PatchRefused } from './patch-refused.ts';

/** An element's JSON: its value, and the `_name` object with id and extensions of a primitive. */
export type Content = { value: unknown; sibling: unknown };

function isPrimitive(type: string): boolean {
  return typeSchema(type)?.kind === 'primitive';
}

/**
 * The object an element stands in.
 *
 * @throws {PatchRefused} for the resource itself, and for a value no element of the resource.
 */
export function holderOf(node: FhirNode, at: number): { holder: JsonObject; key: string } {
  const { parent, key } = node;
  const holder = parent && (isPrimitive(parent.type) ? parent.sibling : parent.value);
  if (key === undefined || !isJsonObject(holder)) {
    throw new PatchRefused('value', 'the path is not an element inside of the resource.', at);
  }
  return { holder, key };
}

/**
 * The object in which an element's own elements stand. A primitive gets one for its extensions when
 * it has none.
 */
export function insideOf(node: FhirNode, at: number): JsonObject {
  if (!isPrimitive(node.type)) {
    if (isJsonObject(node.value)) return node.value;
    throw new PatchRefused('value', 'the path is not an element that has elements.', at);
  }
  if (isJsonObject(node.sibling)) return node.sibling;
  const inside: JsonObject = {};
  const { holder, key } = holderOf(node, at);
  if (node.index === undefined) writeElement(holder, key, { value: node.value, sibling: inside });
  else {
    const list = readList(holder, key);
    list[node.index] = { value: node.value, sibling: inside };
    writeList(holder, key, list);
  }
  return inside;
}

export function writeElement(holder: JsonObject, key: string, { value, sibling }: Content): void {
  if (value === undefined) delete holder[key];
  else holder[key] = value;
  if (sibling === undefined) delete holder[`_${key}`];
  else holder[`_${key}`] = sibling;
}

/**
 * A repeating element; values and `_` objects stand in two arrays of one length
 * (json.html#primitive).
 */
export function readList(holder: JsonObject, key: string): Content[] {
  const values = asArray(holder[key]);
  const siblings = asArray(holder[`_${key}`]);
  return Array.from({ length: Math.max(values.length, siblings.length) }, (_, at) => ({
    value: values[at] ?? undefined,
    sibling: siblings[at] ?? undefined,
  }));
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

export function writeList(holder: JsonObject, key: string, list: readonly Content[]): void {
  const hasValue = list.some(({ value }) => value !== undefined);
  const hasSibling = list.some(({ sibling }) => sibling !== undefined);
  writeElement(holder, key, {
    value: hasValue ? list.map(({ value }) => value ?? null) : undefined,
    sibling: hasSibling ? list.map(({ sibling }) => sibling ?? null) : undefined,
  });
}

/** Adds at the end, in time that does not grow with the list: a thousand adds are no million. */
export function appendToList(holder: JsonObject, key: string, { value, sibling }: Content): void {
  const length = Math.max(asArray(holder[key]).length, asArray(holder[`_${key}`]).length);
  appendOne(holder, key, length, value);
  appendOne(holder, `_${key}`, length, sibling);
}

function appendOne(holder: JsonObject, key: string, at: number, value: unknown): void {
  const known = holder[key];
  if (known === undefined && value === undefined) return;
  const list: unknown[] = Array.isArray(known) ? known : [...asArray(known)];
  while (list.length < at) list.push(null);
  list.push(value ?? null);
  holder[key] = list;
}

/**
 * Takes an element out, and what is left empty by that above it: R4 has no empty elements
 * (json.html#general).
 */
export function removeElement(node: FhirNode, at: number): void {
  const { holder, key } = holderOf(node, at);
  if (node.index === undefined) writeElement(holder, key, { value: undefined, sibling: undefined });
  else {
    const list = readList(holder, key);
    list.splice(node.index, 1);
    writeList(holder, key, list);
  }
  const { parent } = node;
  if (parent?.key === undefined || Object.keys(holder).length > 0) return;
  if (isPrimitive(parent.type) && parent.value !== undefined) dropSibling(parent, at);
  else removeElement(parent, at);
}

/** The last extension of a primitive went: its value stays. */
function dropSibling(node: FhirNode, at: number): void {
  const { holder, key } = holderOf(node, at);
  if (node.index === undefined) delete holder[`_${key}`];
  else {
    const list = readList(holder, key);
    list[node.index] = { value: node.value, sibling: undefined };
    writeList(holder, key, list);
  }
}
