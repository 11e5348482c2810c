import type { ElementDefinition } from './element-definition.ts';

/**
 * An element of a profile with what stands below it. Never changed once made, so that trees share
 * what they have in common.
 */
export type ElementNode = {
  /** The last step of its path: `value[x]`; of the root, the type. */
  readonly name: string;
  readonly element: ElementDefinition;
  readonly children: readonly ElementNode[];
  /** Slices of this element, reslices (`a/b`) among them, in their order. */
  readonly slices: readonly ElementNode[];
};

type Growing = {
  name: string;
  element: ElementDefinition;
  children: Growing[];
  slices: Growing[];
};

/**
 * The elements of a snapshot or differential as a tree (R4 elementdefinition.html#id: steps of an
 * id are `name` or `name:slice`). A sparse differential leaves steps out: they become elements that
 * say nothing.
 */
export function treeOf(elements: readonly ElementDefinition[]): ElementNode | undefined {
  const [first] = elements;
  if (first === undefined) return undefined;
  const root = node(first.path.split('.')[0] ?? '', first.path.split('.')[0] ?? '');
  /** The slice last met at each path: where an id is missing, what follows is inside of it. */
  const open = new Map<string, string>();
  const known = new Map<string, Growing>();
  for (const element of elements) place(root, known, element, stepsOf(element, open));
  return root;
}

type Step = { name: string; slice?: string };

function stepsOf(element: ElementDefinition, open: Map<string, string>): Step[] {
  const names = element.path.split('.');
  const written = element.id === undefined ? undefined : idSteps(element.id, names, element);
  if (written !== undefined) return written;
  const steps = names.map((name, index): Step => {
    const path = names.slice(0, index + 1).join('.');
    const slice = index === names.length - 1 ? element.sliceName : open.get(path);
    return slice === undefined ? { name } : { name, slice };
  });
  for (const path of open.keys()) {
    if (path === element.path || path.startsWith(`${element.path}.`)) open.delete(path);
  }
  if (element.sliceName !== undefined) open.set(element.path, element.sliceName);
  return steps;
}

/** Only an id that says the same as path and sliceName is believed. */
function idSteps(
  id: string,
  names: readonly string[],
  element: ElementDefinition,
): Step[] | undefined {
  const parts = id.split('.');
  if (parts.length !== names.length) return undefined;
  const steps = parts.map((part): Step => {
    const colon = part.indexOf(':');
    return colon < 0
      ? { name: part }
      : { name: part.slice(0, colon), slice: part.slice(colon + 1) };
  });
  const last = steps[steps.length - 1];
  if (last === undefined || (element.sliceName !== undefined && last.slice !== element.sliceName)) {
    return undefined;
  }
  const same = steps.every(({ name }, index) => {
    const other = names[index] ?? '';
    return name === other || (name.endsWith('[x]') && other.startsWith(name.slice(0, -3)));
  });
  return same ? steps : undefined;
}

/** `known`: the elements so far by their ids. */
function place(
  root: Growing,
  known: Map<string, Growing>,
  element: ElementDefinition,
  steps: readonly Step[],
): void {
  let at = root;
  let path = root.name;
  let id = root.name;
  for (const { name, slice } of steps.slice(1)) {
    path += `.${name}`;
    id += `.${name}`;
    at = known.get(id) ?? added(known, id, at.children, node(name, path));
    if (slice === undefined) continue;
    id += `:${slice}`;
    const made = { ...node(name, path), element: { path, sliceName: slice } };
    at = known.get(id) ?? added(known, id, at.slices, made);
  }
  const { id: _, ...said } = element;
  at.element = { ...at.element, ...said };
}

function node(name: string, path: string): Growing {
  return { name, element: { path }, children: [], slices: [] };
}

function added(known: Map<string, Growing>, id: string, list: Growing[], one: Growing): Growing {
  list.push(one);
  known.set(id, one);
  return one;
}

/** The tree as the list a snapshot is: an element, what is below it, its slices; ids and paths. */
export function elementsOf(root: ElementNode, most: number): ElementDefinition[] | undefined {
  const list: ElementDefinition[] = [];
  const write = (one: ElementNode, path: string, id: string): void => {
    if (list.length > most) return;
    const { path: _path, sliceName, ...said } = one.element;
    list.push({ id, path, ...(sliceName === undefined ? {} : { sliceName }), ...said });
    for (const child of one.children) {
      write(child, `${path}.${child.name}`, `${id}.${child.name}`);
    }
    for (const slice of one.slices) {
      write(slice, path, `${id}:${slice.element.sliceName ?? ''}`);
    }
  };
  write(root, root.name, root.name);
  return list.length > most ? undefined : list;
}
