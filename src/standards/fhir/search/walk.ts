import type { Convert, Elements, Limits } from './convert.ts';
import type { IndexValue } from './index-value.ts';

/** What to do with the values found at a place of a resource. */
export type Visit = (value: unknown, out: IndexValue[], own: string | undefined) => void;

/**
 * Paths with the same beginning share one walk. `accepts` is the filter of `telecom[system=phone]`.
 */
type Branch = {
  step: string;
  accepts?: (value: unknown) => boolean;
  index?: number;
  node: WalkNode;
};
export type WalkNode = { visits: Visit[]; branches: Map<string, Branch[]> };

export function emptyNode(): WalkNode {
  return { visits: [], branches: new Map() };
}

/** The node at the end of a path such as `telecom[system=phone]` or `component code`. */
export function nodeAt(root: WalkNode, path: string): WalkNode {
  return path.split(' ').reduce(descend, root);
}

function descend(node: WalkNode, step: string): WalkNode {
  const name = /^[A-Za-z0-9]+/.exec(step)?.[0] ?? step;
  const branches = node.branches.get(name) ?? [];
  node.branches.set(name, branches);
  const known = branches.find((branch) => branch.step === step);
  if (known) return known.node;
  const branch: Branch = { step, node: emptyNode(), ...filterOf(step.slice(name.length)) };
  branches.push(branch);
  return branch.node;
}

function filterOf(filter: string): Pick<Branch, 'accepts' | 'index'> {
  const [, at, element = '', not, is = ''] = /^\[(?:(\d+)|(\w+)(!)?=(.+))\]$/.exec(filter) ?? [];
  if (at !== undefined) return { index: Number(at) };
  if (element === '') return {};
  if (element === 'extension') return { accepts: (value) => extended(value, is) };
  const accepted = new Set(is.split(','));
  return {
    accepts: (value) => {
      const found = (value as Elements | null)?.[element];
      return accepted.has(typeof found === 'string' ? found : '') === (not === undefined);
    },
  };
}

function extended(value: unknown, url: string): boolean {
  const extensions = (value as Elements | null)?.extension;
  return Array.isArray(extensions) && extensions.some((one: Elements | null) => one?.url === url);
}

/**
 * Visits every value the paths lead to; a path through a repeating element goes through each of its
 * occurrences.
 */
export function walk(node: WalkNode, value: unknown, out: IndexValue[], own?: string): void {
  for (const visit of node.visits) visit(value, out, own);
  if (node.branches.size === 0 || typeof value !== 'object' || value === null) return;
  for (const name in value) {
    const branches = node.branches.get(name);
    if (branches === undefined) continue;
    const found = (value as Elements)[name];
    for (const branch of branches) follow(branch, found, out, own);
  }
}

function follow(branch: Branch, found: unknown, out: IndexValue[], own: string | undefined): void {
  const { accepts, index, node } = branch;
  if (!Array.isArray(found)) {
    if (accepts === undefined || accepts(found)) walk(node, found, out, own);
    return;
  }
  for (let at = index ?? 0; at < found.length; at++) {
    if (accepts === undefined || accepts(found[at])) walk(node, found[at], out, own);
    if (index !== undefined) return;
  }
}

export function visitWith(convert: Convert, param: string, only?: string): Visit {
  if (only === undefined)
    return (value, out, own) => convert(value, param, out, own ? { own } : none);
  return (value, out, own) => convert(value, param, out, { only, ...(own && { own }) });
}

const none: Limits = {};
