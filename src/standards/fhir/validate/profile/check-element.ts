import type { FhirNode } from '../../fhirpath/fhirpath.ts';
import { mostSteps } from '../invariant.ts';
import { deepest } from '../place.ts';
import type { Walk } from '../walk.ts';
import { childNodes } from './child-node.ts';
import type { ProfileElement, Slicing } from './element.ts';

/** One element that stands at this depth, and all below it. */
export function checkNode(
  element: ProfileElement,
  walk: Walk,
  node: FhirNode,
  depth: number,
): void {
  for (const demand of element.demands) {
    walk.depth = depth;
    demand(walk, node, depth);
  }
  if (depth >= deepest) return;
  for (const child of element.children) {
    checkAll(child, walk, childNodes(node, child.key), depth);
  }
}

/** All repetitions of a child; `depth` is that of the parent. */
function checkAll(
  element: ProfileElement,
  walk: Walk,
  nodes: readonly FhirNode[],
  depth: number,
): void {
  checkCount(element, walk, nodes.length, depth);
  for (const node of nodes) {
    enter(walk, element, node, depth + 1);
    checkNode(element, walk, node, depth + 1);
  }
  if (element.slicing !== undefined) {
    checkSlices({ element, slicing: element.slicing, nodes }, walk, depth);
  }
}

function enter(walk: Walk, element: ProfileElement, node: FhirNode, depth: number): void {
  if (node.index === undefined) walk.enter(element, depth);
  else walk.enterAt(element, depth, node.index);
}

function checkCount(
  { id, min, max }: ProfileElement,
  walk: Walk,
  count: number,
  depth: number,
): void {
  if (count < min) {
    walk.error('required', depth, `${id}: expected at least ${min}, found ${count}.`);
  }
  if (count > max) {
    walk.error('structure', depth, `${id}: expected at most ${max}, found ${count}.`);
  }
}

/** What asking whether an item is in a slice takes, in FHIRPath steps. */
const stepsASlice = 10;

type Sliced = { element: ProfileElement; slicing: Slicing; nodes: readonly FhirNode[] };

/** R4 profiling.html#slicing: which item is in which slice, and whether the slices are met. */
function checkSlices({ element, slicing, nodes }: Sliced, walk: Walk, depth: number): void {
  const { slices, rules, ordered } = slicing;
  walk.steps += stepsASlice * nodes.length * slices.length;
  if (walk.steps > mostSteps) {
    const text = `${element.id}: too many items for so many slices; they were not checked.`;
    walk.error('too-costly', depth, text);
    return;
  }
  const found: FhirNode[][] = slices.map(() => []);
  let last = 0;
  let after = false;
  for (const node of nodes) {
    enter(walk, element, node, depth + 1);
    walk.depth = depth + 1;
    const at = slices.findIndex(({ holds }) => holds?.(walk, node, depth + 1));
    if (at >= 0) {
      enter(walk, element, node, depth + 1);
      found[at]?.push(node);
      if (after) tellOrder(walk, element, depth + 1, 'Items of no slice come last');
      if (ordered && at < last) tellOrder(walk, element, depth + 1, 'The slices have an order');
      last = Math.max(last, at);
      continue;
    }
    if (rules === 'openAtEnd') after = true;
    const rest = slices.findIndex(({ name }) => name === '@default');
    if (rest >= 0) found[rest]?.push(node);
    else if (rules === 'closed' && slices.every((one) => one.holds !== undefined)) {
      enter(walk, element, node, depth + 1);
      const text = `${element.id}: expected an item of one of the slices, which are closed.`;
      walk.error('structure', depth + 1, text);
    }
  }
  for (const [at, { element: slice, holds, name }] of slices.entries()) {
    if (holds === undefined && name !== '@default') {
      const text = `${slice.id}: nothing in the profile tells what is in this slice; not checked.`;
      walk.information('not-supported', depth, text);
      continue;
    }
    checkAll(slice, walk, found[at] ?? [], depth);
  }
}

function tellOrder(walk: Walk, { id }: ProfileElement, depth: number, why: string): void {
  walk.error('structure', depth, `${id}: ${why}.`);
}
