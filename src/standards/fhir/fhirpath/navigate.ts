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
type Place = { type: string; plan: TypePlan | undefined; slots: readonly Slot[] };

/** `.name`: the elements of that name; value finds valueQuantity. */
export function memberStep(name: string): Step {
  let last: Place = { type: '', plan: undefined, slots: [] };
  const placeOf = (type: string): Place => {
    if (type === last.type) return last;
    const plan = planOf(type);
    last = { type, plan, slots: plan?.byName.get(name) ?? [] };
    return last;
  };
  return {
    nodes(run, input) {
      if (input.length === 0) return nothing;
      const out: FhirNode[] = [];
      for (const node of input) {
        spend(run, 1);
        const { plan, slots } = placeOf(node.type);
        const holder = plan && slots.length > 0 ? holderOf(node, plan) : undefined;
        if (node.type === 'System.TypeInfo') out.push(...typeInfoPart(node, name));
        if (!holder) continue;
        const before = out.length;
        for (const slot of slots) pushSlot(out, node, slot, holder);
        spend(run, out.length - before);
      }
      return out;
    },
    count(run, input) {
      let count = 0;
      for (const node of input) {
        spend(run, 1);
        const { plan, slots } = placeOf(node.type);
        if (node.type === 'System.TypeInfo') count += typeInfoPart(node, name).length;
        const holder = plan && slots.length > 0 ? holderOf(node, plan) : undefined;
        if (!holder) continue;
        for (const slot of slots) count += countSlot(slot, holder);
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
