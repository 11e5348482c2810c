import {
  type FhirNode,
  holderOf,
  planOf,
  pushSlot,
  type Slot,
  type TypePlan,
} from '../../fhirpath/node.ts';
import type { JsonObject } from '../../json-object.ts';

/**
 * The elements of this name below a node, in their order: `name`, `value[x]` whatever its type, or
 * `valueQuantity` of that type only.
 */
export function childNodes(parent: FhirNode, name: string): FhirNode[] {
  const plan = planOf(parent.type);
  const holder = plan && holderOf(parent, plan);
  if (plan === undefined || holder === undefined) return [];
  const nodes: FhirNode[] = [];
  const slots = plan.byName.get(name.endsWith('[x]') ? name.slice(0, -3) : name);
  if (slots !== undefined && slots.length > 3) pushChoice(nodes, parent, { slots, plan, holder });
  else if (slots !== undefined) {
    for (const slot of slots) pushSlot(nodes, parent, slot, holder);
  } else {
    const slot = plan.byJson.get(name);
    if (slot !== undefined) pushSlot(nodes, parent, slot, holder);
  }
  return nodes;
}

type Choice = { slots: readonly Slot[]; plan: TypePlan; holder: JsonObject };

/** Extension.value[x] has 50 types: the few properties that are there are looked at instead. */
function pushChoice(nodes: FhirNode[], parent: FhirNode, { slots, plan, holder }: Choice): void {
  for (const key in holder) {
    const lone = key.charCodeAt(0) === 95;
    if (lone && Object.hasOwn(holder, key.slice(1))) continue;
    const slot = plan.byJson.get(lone ? key.slice(1) : key);
    if (slot !== undefined && slots.includes(slot)) pushSlot(nodes, parent, slot, holder);
  }
}
