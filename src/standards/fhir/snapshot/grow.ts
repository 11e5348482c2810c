import type { DefinitionSource } from '../definition-source.ts';
import type { ElementDefinition, StructureDefinition } from './element-definition.ts';
import { type ElementNode, treeOf } from './element-tree.ts';
import { SnapshotRefused } from './snapshot-refused.ts';

/** Definitions, and how one without a snapshot comes by it. */
export type Ground = {
  readonly definitions: DefinitionSource;
  readonly url: string;
  /** The snapshot of the profile's base, where its content references point into. */
  readonly base: ElementNode;
  snapshotOf(canonical: string): StructureDefinition | undefined;
};

const trees = new WeakMap<StructureDefinition, ElementNode>();

/** The snapshot as a tree, made once for each StructureDefinition. */
export function snapshotTree(sd: StructureDefinition): ElementNode {
  const known = trees.get(sd);
  if (known !== undefined) return known;
  const tree = treeOf(sd.snapshot?.element ?? []);
  if (tree === undefined) throw new SnapshotRefused('nothing-defined', `${sd.url} has no element.`);
  trees.set(sd, tree);
  return tree;
}

const typeUrl = 'http://hl7.org/fhir/StructureDefinition/';

/** The node with its children: those it has, or those of its type or of what it refers to. */
export function grown(node: ElementNode, ground: Ground): ElementNode {
  if (node.children.length > 0) return node;
  const { contentReference } = node.element;
  return contentReference === undefined
    ? { ...node, children: childrenOfType(node.element, ground) }
    : referred(node, contentReference, ground);
}

/** R4 elementdefinition.html#ElementDefinition.contentReference: `#Observation.referenceRange`. */
function referred(node: ElementNode, reference: string, ground: Ground): ElementNode {
  const target = followed(ground.base, reference.slice(reference.indexOf('#') + 1));
  if (target === undefined) {
    const why = `${ground.url}: ${node.element.path} refers to an element that is not there.`;
    throw new SnapshotRefused('element-unknown', why);
  }
  const { contentReference: _, ...element } = node.element;
  const { type } = target.element;
  const typed = type === undefined ? {} : { type };
  return {
    ...node,
    element: { ...element, path: node.element.path, ...typed },
    children: target.children,
  };
}

function followed(root: ElementNode, path: string): ElementNode | undefined {
  const [, ...steps] = path.split('.');
  let at: ElementNode | undefined = root;
  for (const step of steps) at = at?.children.find((child) => child.name === step);
  return at;
}

function childrenOfType(element: ElementDefinition, ground: Ground): readonly ElementNode[] {
  const types = element.type ?? [];
  const codes = new Set(types.map(({ code }) => code));
  // Of several types only what all elements have can be said: id and extension.
  const code = codes.size === 1 ? (types[0]?.code ?? 'Element') : 'Element';
  const profiles = new Set(types.flatMap(({ profile }) => profile ?? []));
  const [profile] = profiles.size === 1 ? profiles : [];
  const sd =
    (profile === undefined ? undefined : ground.snapshotOf(profile)) ??
    ground.snapshotOf(code.includes('://') ? code : typeUrl + code);
  if (sd === undefined) {
    const why = `${ground.url}: ${element.path} is of type ${code}, which is not known here.`;
    throw new SnapshotRefused('type-unknown', why);
  }
  return snapshotTree(sd).children;
}
