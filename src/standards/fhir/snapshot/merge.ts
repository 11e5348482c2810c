import { byType, choiceOf, ofShortcuts } from './choice-shortcut.ts';
import type { ElementDefinition } from './element-definition.ts';
import type { ElementNode } from './element-tree.ts';
import { type Ground, grown } from './grow.ts';
import { mergeElement, sliceOf } from './merge-element.ts';
import { SnapshotRefused } from './snapshot-refused.ts';

/**
 * What a differential changes of a snapshot. `adds`: it defines a type, so elements may be new.
 * `inSlice`: the element is within a slice.
 */
export type Merging = {
  readonly ground: Ground;
  readonly adds: boolean;
  readonly inSlice?: boolean;
};

/**
 * The element as the differential leaves it, with all below it. What it does not touch is shared
 * with the base.
 *
 * @throws {SnapshotRefused} for an element the base does not have.
 */
export function merge(base: ElementNode, said: ElementNode, merging: Merging): ElementNode {
  const element = mergeElement(base.element, said.element, merging.ground.url);
  const merged: ElementNode = { ...base, element };
  const inner = said.element.sliceName === undefined ? merging : { ...merging, inSlice: true };
  const below =
    said.children.length === 0 ? merged : withChildren(grown(merged, merging.ground), said, inner);
  return said.slices.length === 0 ? below : withSlices(base, below, said, merging);
}

function withChildren(base: ElementNode, said: ElementNode, merging: Merging): ElementNode {
  const changes = new Map<string, ElementNode>();
  const chosen = new Map<ElementNode, ElementNode[]>();
  const names = new Set(base.children.map(({ name }) => name));
  for (const child of said.children) {
    const choice = names.has(child.name) ? undefined : choiceOf(base, child.name);
    if (choice !== undefined) chosen.set(choice, [...(chosen.get(choice) ?? []), child]);
    else if (names.has(child.name) || merging.adds) changes.set(child.name, child);
    else {
      const why = `${merging.ground.url}: ${child.element.path} is no element of its base.`;
      throw new SnapshotRefused('element-unknown', why);
    }
  }
  for (const [choice, shortcuts] of chosen) {
    const change = ofShortcuts(choice, shortcuts, merging.inSlice === true);
    const said = changes.get(choice.name);
    changes.set(choice.name, said === undefined ? change : joined(change, said));
  }
  const children = base.children.map((child) => {
    const change = changes.get(child.name);
    changes.delete(child.name);
    return change === undefined ? child : merge(child, change, merging);
  });
  return { ...base, children: [...children, ...changes.values()] };
}

function joined(one: ElementNode, other: ElementNode): ElementNode {
  return {
    name: one.name,
    element: { ...one.element, ...other.element },
    children: [...one.children, ...other.children],
    slices: [...one.slices, ...other.slices],
  };
}

function withSlices(
  base: ElementNode,
  merged: ElementNode,
  said: ElementNode,
  merging: Merging,
): ElementNode {
  const slices = [...merged.slices];
  for (const slice of said.slices) {
    const name = slice.element.sliceName ?? '';
    const at = slices.findIndex(({ element }) => element.sliceName === name);
    const found = slices[at];
    if (found !== undefined) {
      slices[at] = merge(found, slice, merging);
      continue;
    }
    // R4 profiling.html#reslicing: a/b narrows the slice a.
    const outer = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : undefined;
    const place = outer === undefined ? -1 : slices.findLastIndex(within(outer));
    const outerSlice = place < 0 ? undefined : slices.find((one) => nameOf(one) === outer);
    const parent = outerSlice ?? base;
    const begun = { ...parent, element: sliceOf(parent.element), slices: [] };
    slices.splice(place < 0 ? slices.length : place + 1, 0, merge(begun, slice, merging));
  }
  return { ...merged, element: withSlicing(merged), slices };
}

/** The slice of this name, or one of its own slices. */
function within(outer: string | undefined): (slice: ElementNode) => boolean {
  return (slice) => nameOf(slice) === outer || nameOf(slice)?.startsWith(`${outer}/`) === true;
}

function nameOf({ element }: ElementNode): string | undefined {
  return element.sliceName;
}

/** Extensions are told apart by url and choices by type, said or not (R4 profiling.html). */
function withSlicing({ name, element }: ElementNode): ElementDefinition {
  if (element.slicing !== undefined) return element;
  if (name.endsWith('[x]')) return { ...element, slicing: { ...byType, rules: 'open' } };
  if (element.type?.[0]?.code !== 'Extension') return element;
  const discriminator = [{ type: 'value', path: 'url' }];
  return { ...element, slicing: { discriminator, ordered: false, rules: 'open' } };
}
