import { type FhirNode, holderOf, planOf, pushSlot } from '../../fhirpath/node.ts';

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
  if (slots !== undefined) for (const slot of slots) pushSlot(nodes, parent, slot, holder);
  else {
    const slot = plan.byJson.get(name);
    if (slot !== undefined) pushSlot(nodes, parent, slot, holder);
  }
  return nodes;
}
