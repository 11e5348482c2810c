import type { ElementDefinition, ElementTypeRef } from './element-definition.ts';
import type { ElementNode } from './element-tree.ts';

/** How slices of a choice are told apart. */
export const byType = { discriminator: [{ type: 'type', path: '$this' }], ordered: false } as const;

/** The choice that `valueQuantity` is short for a type of. */
export function choiceOf(base: ElementNode, name: string): ElementNode | undefined {
  return base.children.find((choice) => chosenType(choice, name) !== undefined);
}

/**
 * What `valueQuantity` in a differential says of value[x] (R4 profiling.html#slicing): a slice by
 * type, with what is said of it. Within a slice, where no derived
 * profile could reach it, it is said of value[x] itself, as the published guides have it.
 */
export function ofShortcuts(
  choice: ElementNode,
  shortcuts: readonly ElementNode[],
  inSlice: boolean,
): ElementNode {
  const { name } = choice;
  const { path } = choice.element;
  const slices = shortcuts.map((said): ElementNode => {
    const chosen = chosenType(choice, said.name);
    const type = said.element.type ?? (chosen === undefined ? [] : [chosen]);
    return { ...said, name, element: { ...said.element, path, type, sliceName: said.name } };
  });
  const [only] = slices;
  if (inSlice && only !== undefined && slices.length === 1) {
    const { sliceName: _, ...element } = only.element;
    return { ...only, element: { ...element, path } };
  }
  return { name, element: chosenElement(path, slices), children: [], slices };
}

/** A required valueQuantity leaves no other type; so does none at all, which is for all of them. */
function chosenElement(path: string, slices: readonly ElementNode[]): ElementDefinition {
  const settled = slices.find(({ element }) => (element.min ?? 0) > 0 || element.max === '0');
  if (settled === undefined) return { path, slicing: { ...byType, rules: 'open' } };
  const { type = [], min } = settled.element;
  const closed = { path, type, slicing: { ...byType, rules: 'closed' } };
  return min === undefined ? closed : { ...closed, min };
}

function chosenType({ name, element }: ElementNode, chosen: string): ElementTypeRef | undefined {
  if (!name.endsWith('[x]') || !chosen.startsWith(name.slice(0, -3))) return undefined;
  const wanted = chosen.slice(name.length - 3);
  return element.type?.find(({ code }) => code[0]?.toUpperCase() + code.slice(1) === wanted);
}
