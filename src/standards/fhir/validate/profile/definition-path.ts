import { isJsonObject } from '../../json-object.ts';
import type { ElementNode } from '../../snapshot/element-tree.ts';
import { statedValue } from './demand.ts';
import type { PathStep } from './discriminator-path.ts';

/** The tree of the profile or type with this url. */
export type TreeOf = (url: string) => ElementNode | undefined;

/** What a slice says of the elements that a discriminator's path leads to. */
export type Said = {
  /** Definitions at the end of the path: several when a reference may lead to several profiles. */
  nodes: ElementNode[];
  /** Values that a fixed or pattern above the end of the path implies there. */
  implied: unknown[];
};

const base = 'http://hl7.org/fhir/StructureDefinition/';

export function saidAt(slice: ElementNode, steps: readonly PathStep[], treeOf: TreeOf): Said {
  let nodes = [slice];
  const implied: unknown[] = [];
  for (const [at, step] of steps.entries()) {
    for (const { element } of nodes) {
      const value = statedValue(element, 'pattern') ?? statedValue(element, 'fixed');
      if (value !== undefined) implied.push(...project(value, steps.slice(at)));
    }
    nodes = nodes.flatMap((node) => below(node, step, treeOf));
  }
  return { nodes, implied };
}

function below(node: ElementNode, step: PathStep, treeOf: TreeOf): ElementNode[] {
  if (step.kind === 'ofType') return [ofType(node, step.type)];
  if (step.kind === 'resolve') {
    return targetsOf(node).flatMap((url) => treeOf(url) ?? []);
  }
  if (step.kind === 'extension') {
    const holders = withProfiles(node, treeOf);
    const slices = holders.flatMap(
      (one) => one.children.find(({ name }) => name === 'extension')?.slices ?? [],
    );
    return slices.filter((one) => isExtension(one, step.url, treeOf));
  }
  const own = node.children.find(({ name }) => name === step.name || name === `${step.name}[x]`);
  // bp tells its components by code.coding.code, which it fixes in a slice of coding
  if (own !== undefined) return [own, ...own.slices];
  return withProfiles(node, treeOf)
    .slice(1)
    .flatMap(({ children }) =>
      children.filter(({ name }) => name === step.name || name === `${step.name}[x]`),
    );
}

function ofType(node: ElementNode, type: string): ElementNode {
  return (
    node.slices.find(({ element }) => element.type?.every(({ code }) => code === type)) ?? node
  );
}

/** The node and what its type's profiles, else its type, say. */
function withProfiles(node: ElementNode, treeOf: TreeOf): ElementNode[] {
  const types = node.element.type ?? [];
  const urls = types.flatMap(({ code, profile }) => profile ?? [base + code]);
  return [node, ...urls.flatMap((url) => treeOf(url) ?? [])];
}

function isExtension(slice: ElementNode, url: string, treeOf: TreeOf): boolean {
  const profiles = (slice.element.type ?? []).flatMap(({ profile }) => profile ?? []);
  if (profiles.some((one) => one.replace(/\|.*/, '') === url)) return true;
  const own = slice.children.find(({ name }) => name === 'url');
  if (own !== undefined) return statedValue(own.element, 'fixed') === url;
  return withProfiles(slice, treeOf).some(({ children }) =>
    children.some((one) => one.name === 'url' && statedValue(one.element, 'fixed') === url),
  );
}

/** Profiles that a Reference may lead to. */
export function targetsOf({ element }: ElementNode): string[] {
  return (element.type ?? []).flatMap(({ targetProfile }) =>
    Array.isArray(targetProfile) ? targetProfile.filter((one) => typeof one === 'string') : [],
  );
}

/** The values in a fixed or pattern value that the rest of the path leads to. */
function project(value: unknown, steps: readonly PathStep[]): unknown[] {
  let values = [value];
  for (const step of steps) {
    if (step.kind !== 'child') return [];
    values = values.flatMap((one) => {
      const found = isJsonObject(one) ? one[step.name] : undefined;
      return Array.isArray(found) ? found : found === undefined ? [] : [found];
    });
  }
  return values;
}
