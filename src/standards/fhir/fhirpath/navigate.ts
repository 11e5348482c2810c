import { isJsonObject } from '../json-object.ts';
import {
  countSlot,
  eachSlot,
  type FhirNode,
  holderOf,
  type Nodes,
  nothing,
  planOf,
  pushSlot,
  type Slot,
  systemNode,
  type TypePlan,
} from './node.ts';
import type { Step } from './op.ts';
import { type Run, spend } from './run.ts';
import { type TypeTest, typeTest } from './type-name.ts';

/** What a member's name means for the type it was last asked of: nearly always the same. */
type Place = { type: string; plan: TypePlan | undefined; slots: readonly Slot[]; many: boolean };

/**
 * A choice of so many types is looked for among the properties that are there (value[x] has 50).
 */
const manyTypes = 6;

function placeOf(type: string, name: string): Place {
  const plan = planOf(type);
  const slots = plan?.byName.get(name) ?? [];
  return { type, plan: slots.length > 0 ? plan : undefined, slots, many: slots.length > manyTypes };
}

/** `.name`: the elements of that name; value finds valueQuantity. */
export function memberStep(name: string): Step {
  let last = placeOf('', name);
  return {
    nodes(run, input) {
      if (input.length === 0) return nothing;
      const out: FhirNode[] = [];
      for (const node of input) {
        const before = out.length;
        if (node.type !== last.type) last = placeOf(node.type, name);
        const holder = last.plan && holderOf(node, last.plan);
        if (!holder) {
          if (node.type === 'System.TypeInfo') out.push(...typeInfoPart(node, name));
        } else if (last.many) {
          eachSlot(node, (slot) => slot.name === name && pushSlot(out, node, slot, holder));
        } else for (const slot of last.slots) pushSlot(out, node, slot, holder);
        spend(run, 1 + out.length - before);
      }
      return out;
    },
    count(run, input) {
      let count = 0;
      for (const node of input) {
        spend(run, 1);
        if (node.type !== last.type) last = placeOf(node.type, name);
        const holder = last.plan && holderOf(node, last.plan);
        if (!holder) {
          if (node.type === 'System.TypeInfo') count += typeInfoPart(node, name).length;
        } else if (last.many) {
          eachSlot(node, (slot) => {
            if (slot.name === name) count += countSlot(slot, holder);
          });
        } else for (const slot of last.slots) count += countSlot(slot, holder);
      }
      return count;
    },
  };
}

/** What type() answers is no FHIR: its namespace and name are read as they are. */
function typeInfoPart({ value }: FhirNode, name: string): Nodes {
  const text = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof text === 'string' ? [systemNode('System.String', text)] : nothing;
}

/**
 * A name at the beginning of a path: of a type it keeps the elements of that type
 * (Patient.name, N1 section Path Selection), of an element it finds that.
 */
export function headStep(name: string): Step {
  const member = memberStep(name);
  if (!/^[A-Z]/.test(name) || !planOf(name)) return member;
  const ofType: TypeTest = typeTest(`FHIR.${name}`, 0);
  return {
    nodes: (_, input) => (input.every((node) => ofType(node.type)) ? input : kept(input, ofType)),
  };
}

export function kept(input: Nodes, test: TypeTest): Nodes {
  return input.filter((node) => test(node.type));
}

export function childrenOf(run: Run, input: Nodes): FhirNode[] {
  const out: FhirNode[] = [];
  for (const node of input) {
    const before = out.length;
    eachSlot(node, (slot, holder) => pushSlot(out, node, slot, holder));
    spend(run, 1 + out.length - before);
  }
  return out;
}

export function countChildren(run: Run, input: Nodes): number {
  let count = 0;
  for (const node of input) {
    eachSlot(node, (slot, holder) => {
      count += countSlot(slot, holder);
    });
  }
  spend(run, input.length + count);
  return count;
}

export function descendantsOf(run: Run, input: Nodes): FhirNode[] {
  const out: FhirNode[] = [];
  let level = childrenOf(run, input);
  while (level.length > 0) {
    for (const node of level) out.push(node);
    level = childrenOf(run, level);
  }
  return out;
}

/** The resource an element stands in, itself included. */
export function resourceOf(node: FhirNode | undefined): FhirNode | undefined {
  let at = node;
  while (at?.parent && !isResource(at)) at = at.parent;
  return at;
}

/** A contained resource's container; any other resource itself (R4 fhirpath.html#variables). */
export function rootOf(resource: FhirNode | undefined): FhirNode | undefined {
  return resource?.key === 'contained' ? resource.parent : resource;
}

const anyResource = typeTest('FHIR.Resource', 0);

function isResource(node: FhirNode): boolean {
  return anyResource(node.type);
}
