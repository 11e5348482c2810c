import { type ElementSchema, typeSchema } from '../definitions.ts';
import { type FhirNode, nodeOf } from '../fhirpath/fhirpath.ts';
import type { Nodes } from '../fhirpath/node.ts';
import type { JsonObject } from '../json-object.ts';
import { type CopyBudget, CopyTooLarge, copyJson, maxCopiedMembers } from './json-value.ts';
import { type Operation, readOperations } from './patch-operation.ts';
import { openPaths, type PathReader } from './patch-path.ts';
import { PatchRefused } from './patch-refused.ts';
import { elementOf, isThere, readValue } from './patch-value.ts';
import {
  appendToList,
  holderOf,
  insideOf,
  readList,
  removeElement,
  writeElement,
  writeList,
} from './place.ts';

/**
 * Applies a FHIRPath Patch, a Parameters resource (R4 fhirpatch.html), to a resource: all of it or
 * nothing, on a copy. Neither argument is changed. Whether the result is still a valid resource,
 * and has its id, is the caller's to ask.
 *
 * @throws {PatchRefused} `structure` and `required` for a Parameters that is no patch, `invalid`
 * for a path that is no FHIRPath, `not-found` and `multiple-matches` for a path that is not one
 * element, `value` for a value or index that does not fit there, `duplicate` for an add to what is
 * there.
 */
export function applyFhirPathPatch(resource: JsonObject, patch: unknown): JsonObject {
  const operations = readOperations(patch);
  const budget: CopyBudget = { members: maxCopiedMembers };
  const paths = openPaths();
  let at = 0;
  try {
    const copy = copyJson(resource, budget);
    for (const operation of operations) {
      apply({ root: nodeOf(copy), paths, budget, at }, operation);
      at++;
    }
    return copy;
  } catch (error) {
    if (!(error instanceof CopyTooLarge)) throw error;
    throw new PatchRefused('too-costly', 'the patch copies more than a record can hold.', at);
  }
}

type State = { root: FhirNode; paths: PathReader; budget: CopyBudget; at: number };

function apply(state: State, operation: Operation): void {
  if (operation.type === 'add') add(state, operation);
  else if (operation.type === 'insert') insert(state, operation);
  else if (operation.type === 'replace') replace(state, operation);
  else if (operation.type === 'move') move(state, operation);
  else {
    // R4: "path of the element to delete (if found)".
    const [node] = atMostOne(state, find(state, operation.path));
    if (node) removeElement(node, state.at);
  }
}

function find(state: State, path: string): Nodes {
  return state.paths.find(state.root, path, state.at);
}

function atMostOne(state: State, nodes: Nodes): Nodes {
  if (nodes.length < 2) return nodes;
  throw new PatchRefused('multiple-matches', 'the path leads to several elements.', state.at);
}

function one(state: State, nodes: Nodes): FhirNode {
  const [node] = atMostOne(state, nodes);
  if (node) return node;
  throw new PatchRefused('not-found', 'the path leads to no element.', state.at);
}

function context({ at, budget }: State): { operation: number; budget: CopyBudget } {
  return { operation: at, budget };
}

function add(state: State, { path, name, value }: Operation & { type: 'add' }): void {
  const node = one(state, find(state, path));
  const element = elementOf(node.type, name, state.at);
  const { key, ...content } = readValue(value, element, context(state));
  const inside = insideOf(node, state.at);
  if (element.repeats) appendToList(inside, key, content);
  else {
    if (isThere(inside, element)) {
      throw new PatchRefused('duplicate', 'the element is there, and may be there once.', state.at);
    }
    writeElement(inside, key, content);
  }
}

/** The schema of the element a node is, from the type it stands in. */
function schemaOf(state: State, { parent, key }: FhirNode): ElementSchema {
  const elements = parent ? typeSchema(parent.type)?.elements : undefined;
  const element = elements?.find(({ types }) => types.some(({ json }) => json === key));
  if (element) return element;
  throw new PatchRefused('value', 'the path is not an element inside of the resource.', state.at);
}

function replace(state: State, { path, value }: Operation & { type: 'replace' }): void {
  const node = one(state, find(state, path));
  const element = schemaOf(state, node);
  const { key, ...content } = readValue(value, element, context(state));
  const { holder, key: before } = holderOf(node, state.at);
  if (node.index === undefined) {
    // Another type of a choice is another property.
    if (before !== key) writeElement(holder, before, { value: undefined, sibling: undefined });
    writeElement(holder, key, content);
    return;
  }
  const list = readList(holder, before);
  list[node.index] = content;
  writeList(holder, before, list);
}

type List = { holder: JsonObject; element: ElementSchema };

/** The list a path names as a whole; also one that is empty, when the path ends in its name. */
function listAt(state: State, path: string): List {
  const nodes = find(state, path);
  const [first] = nodes;
  if (!first) return emptyList(state, path);
  const element = schemaOf(state, first);
  const { holder, key } = holderOf(first, state.at);
  const whole =
    element.repeats &&
    nodes.every((node) => node.key === key && node.parent === first.parent) &&
    readList(holder, key).length === nodes.length;
  if (whole) return { holder, element };
  throw new PatchRefused('value', 'the path is not one whole list.', state.at);
}

function emptyList(state: State, path: string): List {
  const before = state.paths.before(state.root, path, state.at);
  const parent = one(state, before?.parents ?? []);
  const element = elementOf(parent.type, before?.name ?? '', state.at);
  if (element.repeats) return { holder: insideOf(parent, state.at), element };
  throw new PatchRefused('value', 'the path is not a list.', state.at);
}

function insert(state: State, { path, index, value }: Operation & { type: 'insert' }): void {
  const { holder, element } = listAt(state, path);
  const { key, ...content } = readValue(value, element, context(state));
  const list = readList(holder, key);
  if (index > list.length) throw beyond(state, 'index', list.length);
  list.splice(index, 0, content);
  writeList(holder, key, list);
}

function beyond(state: State, name: string, length: number): PatchRefused {
  return new PatchRefused('value', `${name} is at most ${length} here.`, state.at);
}

/** The element is taken out first; `destination` counts in the list that is left. */
function move(state: State, { path, source, destination }: Operation & { type: 'move' }): void {
  const { holder, element } = listAt(state, path);
  const key = element.types[0]?.json ?? element.name;
  const list = readList(holder, key);
  const last = list.length - 1;
  if (source > last) throw beyond(state, 'source', last);
  if (destination > last) throw beyond(state, 'destination', last);
  list.splice(destination, 0, ...list.splice(source, 1));
  writeList(holder, key, list);
}
