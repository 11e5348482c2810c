import type { DefinitionSource } from '../definition-source.ts';
import type { JsonObject } from '../json-object.ts';
import type { ElementDefinition, StructureDefinition } from './element-definition.ts';
import { type ElementNode, elementsOf, treeOf } from './element-tree.ts';
import { type Ground, snapshotTree } from './grow.ts';
import { merge } from './merge.ts';
import { SnapshotRefused } from './snapshot-refused.ts';

/** Elements of a differential: the largest published profile has about 1,500. */
const mostSaid = 5_000;
/** Elements of a snapshot: every step into a datatype brings up to fifty. */
const mostElements = 20_000;
/** Slices of one element: the largest published slicing has about sixty. */
const mostSlices = 300;
/** Profiles of profiles: published guides stop at six. */
const deepest = 30;

/**
 * The profile with a snapshot: its own, or one made from its differential and the snapshot of its
 * base (R4 profiling.html#snapshot).
 *
 * @param definitions where bases, datatypes and profiles of types are looked up.
 * @throws {SnapshotRefused} when there is no base, the bases run in a circle, the differential
 * names an element the base does not have, or there is more of it than can be validated in time.
 */
export function withSnapshot(sd: JsonObject, definitions: DefinitionSource): StructureDefinition {
  return snapshotOf(sd as StructureDefinition, definitions, []);
}

function snapshotOf(
  sd: StructureDefinition,
  definitions: DefinitionSource,
  above: readonly string[],
): StructureDefinition {
  if (sd.snapshot !== undefined && sd.snapshot.element.length > 0) {
    requireModest(sd.url, sd.snapshot.element);
    return sd;
  }
  if (above.includes(sd.url) || above.length > deepest) {
    throw new SnapshotRefused('base-circle', `${sd.url} is a base of itself.`);
  }
  const chain = [...above, sd.url];
  const find = (canonical: string): StructureDefinition | undefined => {
    const found = definitions.find('StructureDefinition', canonical);
    return found && snapshotOf(found as StructureDefinition, definitions, chain);
  };
  const base = baseOf(sd, find);
  const ground: Ground = {
    ...{ definitions, url: sd.url, base },
    // A type's profile that is on its way up there has no snapshot yet: its type stands for it.
    snapshotOf: (canonical) => (chain.includes(bare(canonical)) ? undefined : find(canonical)),
  };
  const change = said(sd, base);
  const adds = sd.derivation !== 'constraint';
  if (!adds && change.name !== base.name) {
    const why = `${sd.url} says something of ${change.name}, its base is of ${base.name}.`;
    throw new SnapshotRefused('element-unknown', why);
  }
  const root = merge(base, change, { ground, adds });
  const element = elementsOf({ ...root, name: change.name }, mostElements);
  if (element === undefined) {
    const why = `${sd.url} would have more than ${mostElements} elements.`;
    throw new SnapshotRefused('too-costly', why);
  }
  requireModest(sd.url, element);
  return { ...sd, snapshot: { element } };
}

/** Every item of a sliced element is held against every slice. */
function requireModest(url: string, elements: readonly ElementDefinition[]): void {
  const slices = new Map<string, number>();
  for (const { id = '', path, sliceName } of elements) {
    if (sliceName === undefined) continue;
    const sliced = id.slice(0, Math.max(0, id.lastIndexOf(':'))) || path;
    slices.set(sliced, (slices.get(sliced) ?? 0) + 1);
  }
  const most = Math.max(0, ...slices.values());
  if (elements.length <= mostElements && most <= mostSlices) return;
  const why = `${url} has more than ${mostElements} elements, or ${mostSlices} slices of one.`;
  throw new SnapshotRefused('too-costly', why);
}

function baseOf(
  sd: StructureDefinition,
  find: (canonical: string) => StructureDefinition | undefined,
): ElementNode {
  if (sd.baseDefinition === undefined) {
    throw new SnapshotRefused('nothing-defined', `${sd.url} has neither snapshot nor base.`);
  }
  const base = find(sd.baseDefinition);
  if (base !== undefined) return snapshotTree(base);
  const why = `${sd.url} is based on ${sd.baseDefinition}, which is not known here.`;
  throw new SnapshotRefused('base-unknown', why);
}

function said(sd: StructureDefinition, base: ElementNode): ElementNode {
  const elements = sd.differential?.element ?? [];
  if (elements.length > mostSaid) {
    const why = `The differential of ${sd.url} has more than ${mostSaid} elements.`;
    throw new SnapshotRefused('too-costly', why);
  }
  requireModest(sd.url, elements);
  return treeOf(elements) ?? { ...base, element: { path: base.name }, children: [], slices: [] };
}

function bare(canonical: string): string {
  return canonical.split('|', 1)[0] ?? '';
}
