import { isDecimal } from '../decimal.ts';
import { typeSchema } from '../definitions.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';

/** An element of a resource, or a value an expression computed. */
export type FhirNode = {
  /** JSON value; undefined for a primitive that has extensions only. */
  value: unknown;
  /**
   * An R4 type (Patient, HumanName, Observation.component, string), or one of FHIRPath's own
   * (System.Integer).
   */
  type: string;
  parent?: FhirNode;
  /** The JSON property of the parent it stands in: valueQuantity, given. */
  key?: string;
  /** Its position, when the element repeats. */
  index?: number;
  /** The `_given` object with id and extensions of a primitive. */
  sibling?: object;
};

export type Nodes = readonly FhirNode[];

export const nothing: Nodes = Object.freeze([]);

/** One JSON property that can hold the element of that FHIRPath name. */
export type Slot = {
  name: string;
  json: string;
  type: string;
  resource: boolean;
  sibling: string | undefined;
};

/** Where the children of a type's elements are found. */
export type TypePlan = {
  /** Id and extensions of a primitive stand in its sibling object. */
  primitive: boolean;
  byName: ReadonlyMap<string, readonly Slot[]>;
  byJson: ReadonlyMap<string, Slot>;
};

const plans = new Map<string, TypePlan | undefined>();

/** The plan of an R4 type; undefined for a type of FHIRPath's own or an unknown one. */
export function planOf(type: string): TypePlan | undefined {
  const known = plans.get(type);
  if (known !== undefined || plans.has(type)) return known;
  const schema = typeSchema(type);
  const plan = schema && {
    primitive: schema.kind === 'primitive',
    byName: new Map(
      schema.elements.map(({ name, types }) => [
        name,
        types.map(({ code, json, kind }) => ({
          name,
          json,
          type: code,
          resource: code === 'Resource',
          sibling: kind === 'primitive' && code !== 'xhtml' ? `_${json}` : undefined,
        })),
      ]),
    ),
    byJson: new Map<string, Slot>(),
  };
  for (const slots of plan?.byName.values() ?? []) {
    for (const slot of slots) plan?.byJson.set(slot.json, slot);
  }
  // Names come from expressions and resourceType: only those R4 knows are kept.
  if (plan) plans.set(type, plan);
  return plan;
}

/** The root of a resource; a resource of a type R4 does not define is a Resource. */
export function nodeOf(resource: object): FhirNode {
  const type = 'resourceType' in resource ? resource.resourceType : undefined;
  return makeNode(resource, resourceType(type), undefined, undefined);
}

function resourceType(type: unknown): string {
  return typeof type === 'string' && planOf(type) ? type : 'Resource';
}

/** All nodes are made here, so that V8 sees one shape. */
function makeNode(value: unknown, type: string, parent?: FhirNode, key?: string): FhirNode {
  return { value, type, parent, key, index: undefined, sibling: undefined };
}

/** A value an expression computed. */
export function systemNode(type: string, value: unknown): FhirNode {
  return makeNode(value, type);
}

/** The object in whose properties the children stand; undefined when there are none. */
export function holderOf(node: FhirNode, plan: TypePlan): JsonObject | undefined {
  const holder = plan.primitive ? node.sibling : node.value;
  return isJsonObject(holder) ? holder : undefined;
}

/** Appends the elements that stand in one JSON property. */
export function pushSlot(out: FhirNode[], parent: FhirNode, slot: Slot, holder: JsonObject): void {
  const value = holder[slot.json];
  const sibling = slot.sibling === undefined ? undefined : holder[slot.sibling];
  if (value === undefined && sibling === undefined) return;
  if (Array.isArray(value) || Array.isArray(sibling)) {
    const values: unknown[] = Array.isArray(value) ? value : [];
    const siblings: unknown[] = Array.isArray(sibling) ? sibling : [];
    const length = Math.max(values.length, siblings.length);
    for (let at = 0; at < length; at++) {
      const node = slotNode(parent, slot, values[at], siblings[at]);
      if (node === undefined) continue;
      node.index = at;
      out.push(node);
    }
    return;
  }
  const node = slotNode(parent, slot, value, sibling);
  if (node) out.push(node);
}

function slotNode(
  parent: FhirNode,
  slot: Slot,
  value: unknown,
  sibling: unknown,
): FhirNode | undefined {
  const own = isJsonObject(sibling) ? sibling : undefined;
  if ((value === undefined || value === null) && own === undefined) return undefined;
  const type =
    slot.resource && isJsonObject(value) ? resourceType(value['resourceType']) : slot.type;
  const node = makeNode(value ?? undefined, type, parent, slot.json);
  node.sibling = own;
  return node;
}

/** How many elements `pushSlot` would append. */
export function countSlot(slot: Slot, holder: JsonObject): number {
  const value = holder[slot.json];
  const sibling = slot.sibling === undefined ? undefined : holder[slot.sibling];
  if (value === undefined && sibling === undefined) return 0;
  if (!Array.isArray(value) && !Array.isArray(sibling)) return isThere(value, sibling) ? 1 : 0;
  const values: unknown[] = Array.isArray(value) ? value : [];
  const siblings: unknown[] = Array.isArray(sibling) ? sibling : [];
  let count = 0;
  for (let at = Math.max(values.length, siblings.length) - 1; at >= 0; at--) {
    if (isThere(values[at], siblings[at])) count++;
  }
  return count;
}

function isThere(value: unknown, sibling: unknown): boolean {
  return (value !== undefined && value !== null) || isJsonObject(sibling);
}

/** Calls back for each property of the node that holds elements, in the order of the JSON. */
export function eachSlot(node: FhirNode, visit: (slot: Slot, holder: JsonObject) => void): void {
  const plan = planOf(node.type);
  const holder = plan ? holderOf(node, plan) : undefined;
  if (!plan || !holder) return;
  for (const key in holder) {
    const slot = plan.byJson.get(key);
    if (slot) visit(slot, holder);
    else if (key.charCodeAt(0) === 95 && !Object.hasOwn(holder, key.slice(1))) {
      const lone = plan.byJson.get(key.slice(1)); // _given without given
      if (lone?.sibling !== undefined) visit(lone, holder);
    }
  }
}

const systemTypes: ReadonlyMap<string, string> = new Map([
  ['boolean', 'System.Boolean'],
  ...['integer', 'unsignedInt', 'positiveInt'].map((type) => [type, 'System.Integer'] as const),
  ...['string', 'uri', 'url', 'canonical', 'uuid', 'oid', 'id', 'code', 'markdown'].map(
    (type) => [type, 'System.String'] as const,
  ),
  ['base64Binary', 'System.String'],
  ['xhtml', 'System.String'],
  ['decimal', 'System.Decimal'],
  ['date', 'System.Date'],
  ['dateTime', 'System.DateTime'],
  ['instant', 'System.DateTime'],
  ['time', 'System.Time'],
  ...['Quantity', 'Age', 'Count', 'Distance', 'Duration'].map(
    (type) => [type, 'System.Quantity'] as const,
  ),
]);

/**
 * The type of FHIRPath's own that a node counts as (R4 fhirpath.html#types); undefined for complex
 * types, and for a primitive whose JSON is not of its type.
 */
export function systemTypeOf(node: FhirNode): string | undefined {
  const type = node.type.startsWith('System.') ? node.type : systemTypes.get(node.type);
  if (type === undefined) return undefined;
  const { value } = node;
  if (type === 'System.Quantity') return isJsonObject(value) ? type : undefined;
  if (type === 'System.Boolean') return typeof value === 'boolean' ? type : undefined;
  if (type === 'System.Integer') return typeof value === 'number' ? type : undefined;
  if (type === 'System.Decimal') return isDecimal(value) ? type : undefined;
  return typeof value === 'string' ? type : undefined;
}
