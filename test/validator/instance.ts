import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../../src/standards/fhir/json-object.ts';
import type {
  ElementDefinition,
  StructureDefinition,
} from '../../src/standards/fhir/snapshot/element-definition.ts';
import type { ElementNode } from '../../src/standards/fhir/snapshot/element-tree.ts';
import { snapshotTree } from '../../src/standards/fhir/snapshot/grow.ts';
import { exampleValue, isPrimitive, type Maker, typeCode } from './example-value.ts';

const root = 'http://hl7.org/fhir/StructureDefinition/';
/** Extensions within extensions end here. */
const deepest = 6;

/** A resource with what the profile requires and what it says must be supported. */
export function instanceOf(maker: Maker, profile: StructureDefinition): JsonObject {
  const tree = snapshotTree(profile);
  const made = object(maker, tree, 0);
  const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
  const meta = { ...Object(made['meta']), profile: [profile.url] };
  return { resourceType: profile.type, text, ...made, meta };
}

function object(maker: Maker, node: ElementNode, depth: number): JsonObject {
  const made: JsonObject = {};
  for (const child of node.children) {
    if (!isWanted(child) || depth > deepest) continue;
    const slices = child.slices.filter(({ element }) => isWantedElement(element));
    const choice = child.name.endsWith('[x]');
    const chosen = choice ? slices.slice(0, 1) : slices;
    const nodes = slices.length > 0 ? chosen.map((slice) => filled(slice, child)) : [child];
    if (slices.length === 0 && isUnsliced(child)) continue;
    const values = nodes.flatMap((one) => value(maker, one, depth + 1) ?? []).filter(isSomething);
    if (values.length === 0) continue;
    const repeats = isRepeating(child.element);
    made[nameOf(child, nodes[0] ?? child)] = repeats ? distinct(values) : values[0];
  }
  return made;
}

/** What excludes something else that is made here: obs-6, obs-7, con-4. */
const excluding = /^(?:dataAbsentReason|abatement\[x\]|component)$/;

function isWanted({ name, element, slices }: ElementNode): boolean {
  const min = Math.max(element.min ?? 0, ...slices.map((one) => one.element.min ?? 0));
  if (excluding.test(name) && min === 0) return false;
  return isWantedElement(element) || slices.some((one) => isWantedElement(one.element));
}

function isWantedElement({ min = 0, max, ...element }: ElementDefinition): boolean {
  return max !== '0' && (min > 0 || element['mustSupport'] === true);
}

/** What is said of all of them is required of a slice too. */
function filled(slice: ElementNode, unsliced: ElementNode): ElementNode {
  return slice.children.length > 0 ? slice : { ...slice, children: unsliced.children };
}

function isSomething(value: unknown): boolean {
  return !isJsonObject(value) || Object.keys(value).length > 0;
}

/** An extension nobody names, or the id of an element: nothing to make. */
function isUnsliced({ name }: ElementNode): boolean {
  return name === 'extension' || name === 'modifierExtension' || name === 'id';
}

function isRepeating(element: ElementDefinition): boolean {
  const base = element['base'] as { max?: string } | undefined;
  return (base?.max ?? element.max) !== '1';
}

function distinct(values: readonly unknown[]): unknown[] {
  return values.filter((one, at) => !values.slice(0, at).some((b) => isDeepStrictEqual(one, b)));
}

function nameOf({ name }: ElementNode, chosen: ElementNode): string {
  if (!name.endsWith('[x]')) return name;
  const code = typeCode(chosen.element);
  return name.slice(0, -3) + code[0]?.toUpperCase() + code.slice(1);
}

function value(maker: Maker, node: ElementNode, depth: number): unknown {
  const { element } = node;
  const settled = settledValue(element);
  if (settled?.fixed === true) return settled.value;
  const code = typeCode(element);
  const profile = element.type?.[0]?.profile?.[0];
  if (code === 'Extension') return extension(maker, node, profile, depth);
  if (node.children.length > 0 && !isPrimitive(code) && code !== 'Reference') {
    const below = object(maker, node, depth);
    const plain = code === 'BackboneElement' ? {} : exampleValue(maker, element);
    // What the children say stands; the example only fills an element nothing is required of.
    const whole = Object.keys(below).length > 0 ? below : plain;
    return joined(whole, settled?.value);
  }
  return settled === undefined ? exampleValue(maker, element) : settled.value;
}

function joined(made: unknown, pattern: unknown): unknown {
  if (!isJsonObject(made) || !isJsonObject(pattern)) return pattern ?? made;
  return { ...made, ...pattern };
}

export function settledValue(element: ElementDefinition) {
  for (const [key, value] of Object.entries(element)) {
    if (/^(?:fixed|pattern)[A-Z]/.test(key)) return { value, fixed: key.startsWith('fixed') };
  }
  return undefined;
}

function extension(maker: Maker, node: ElementNode, profile: string | undefined, depth: number) {
  if (node.children.length > 0 && profile === undefined) return object(maker, node, depth);
  const found = maker.definitions.find('StructureDefinition', profile ?? `${root}Extension`);
  if (found === undefined || profile === undefined) return undefined;
  const made = object(maker, snapshotTree(found as StructureDefinition), depth);
  const inner = made['extension'] !== undefined || isSimple(made);
  return inner ? made : { ...made, ...simpleValue(maker, found as StructureDefinition) };
}

function isSimple(made: JsonObject): boolean {
  return Object.keys(made).some((key) => key.startsWith('value'));
}

/** An extension whose value is optional in its definition has one all the same (ext-1). */
function simpleValue(maker: Maker, sd: StructureDefinition): JsonObject {
  const choice = snapshotTree(sd).children.find(({ name }) => name === 'value[x]');
  if (choice === undefined || choice.element.max === '0') return {};
  return { [nameOf(choice, choice)]: value(maker, choice, deepest) };
}
