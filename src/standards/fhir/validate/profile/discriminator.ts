import type { FhirNode } from '../../fhirpath/fhirpath.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import type { ElementNode } from '../../snapshot/element-tree.ts';
import { bindingOf } from '../binding.ts';
import type { Walk } from '../walk.ts';
import { checkNode } from './check-element.ts';
import type { CompileContext } from './compile-element.ts';
import { type Said, saidAt, targetsOf } from './definition-path.ts';
import { statedValue } from './demand.ts';
import { discriminatorSteps, nodesAt, type PathStep } from './discriminator-path.ts';
import { equalsFixed, matchesPattern } from './pattern.ts';

/** Whether an item is in the slice, as far as one discriminator tells. */
export type Holds = (walk: Walk, node: FhirNode, depth: number) => boolean;

/** R4 profiling.html#discriminator; undefined: the slice says nothing that would tell its items. */
export function discriminatorOf(
  discriminator: JsonObject,
  slice: ElementNode,
  context: CompileContext,
): Holds | undefined {
  const steps = discriminatorSteps(String(discriminator['path'] ?? '$this'));
  if (steps === undefined) return undefined;
  const said = saidAt(slice, steps, context.treeOf);
  switch (discriminator['type']) {
    case 'exists':
      return byExistence(steps, said);
    case 'type':
      return byType(steps, said, context);
    case 'profile':
      return byProfile(steps, slice, context);
    default: // value, and pattern, which R4 says is the same
      return (
        (discriminator['path'] === 'url' ? byUrl(slice) : undefined) ??
        byValue(steps, said, context)
      );
  }
}

function byExistence(steps: readonly PathStep[], { nodes }: Said): Holds | undefined {
  const [end] = nodes;
  if (end === undefined) return undefined;
  const absent = end.element.max === '0';
  if (!absent && !end.element.min) return undefined;
  return (walk, node) => nodesAt(walk, node, steps).length > 0 !== absent;
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

function byType(
  steps: readonly PathStep[],
  { nodes }: Said,
  context: CompileContext,
): Holds | undefined {
  const types = new Set<string>();
  const resolves = steps.at(-1)?.kind === 'resolve';
  for (const node of nodes) {
    const own = node.element.type ?? [];
    for (const { code, profile } of own) {
      types.add(code);
      for (const url of profile ?? []) types.add(context.typeOf(url) ?? code);
    }
    if (own.length === 0 && !node.element.path.includes('.')) types.add(node.name);
  }
  if (types.size === 0) return undefined;
  const steady = steps;
  return (walk, node) => {
    const found = nodesAt(walk, node, steady);
    if (found.length > 0) return found.some(({ type }) => types.has(type));
    return resolves && namesType(walk, node, { steps: steady.slice(0, -1), types });
  };
}

/** A reference that leads outside names its type. */
function namesType(
  walk: Walk,
  node: FhirNode,
  { steps, types }: { steps: readonly PathStep[]; types: ReadonlySet<string> },
): boolean {
  return nodesAt(walk, node, steps).some(({ value }) => {
    const text = isJsonObject(value) ? value['reference'] : value;
    const [, named] = /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(String(text).slice(-200)) ?? [];
    return named !== undefined && types.has(named);
  });
}

function byProfile(
  steps: readonly PathStep[],
  slice: ElementNode,
  context: CompileContext,
): Holds | undefined {
  const resolves = steps.at(-1)?.kind === 'resolve';
  const { nodes } = saidAt(slice, resolves ? steps.slice(0, -1) : steps, context.treeOf);
  const urls = resolves
    ? nodes.flatMap(targetsOf)
    : nodes.flatMap(({ element }) =>
        (element.type ?? []).flatMap(
          ({ code, profile }): readonly string[] => profile ?? [base + code],
        ),
      );
  if (urls.length === 0) return undefined;
  return (walk, node) =>
    nodesAt(walk, node, steps).some((one) =>
      urls.some((url) => walk.profiles?.conforms(walk, one, url) === true),
    );
}

/** An extension's slice is told by the url of its definition. */
function byUrl(slice: ElementNode): Holds | undefined {
  const urls = (slice.element.type ?? []).flatMap(({ code, profile }) =>
    code === 'Extension' ? (profile ?? []).map((url) => url.replace(/[|#].*$/, '')) : [],
  );
  if (urls.length === 0) return undefined;
  return (_walk, { value }) => isJsonObject(value) && urls.includes(String(value['url']));
}

function byValue(
  steps: readonly PathStep[],
  { nodes, implied }: Said,
  context: CompileContext,
): Holds | undefined {
  const tests = nodes.flatMap((node) => valueTest(node, context) ?? []);
  const parts: Holds[] = implied.map((value) => (_walk, node) => matchesPattern(node.value, value));
  const all = tests.length > 0 ? tests : parts;
  if (all.length > 0) {
    return (walk, node, depth) =>
      nodesAt(walk, node, steps).some((one) => all.some((test) => test(walk, one, depth)));
  }
  const [end] = nodes;
  if (end === undefined) return undefined;
  if (end.element.max === '0') return (walk, node) => nodesAt(walk, node, steps).length === 0;
  return end.element.min ? (walk, node) => nodesAt(walk, node, steps).length > 0 : undefined;
}

/** What one definition says of the value: fixed, pattern, required binding, or all below it. */
function valueTest(said: ElementNode, context: CompileContext): Holds | undefined {
  const fixed = statedValue(said.element, 'fixed');
  if (fixed !== undefined) return (_walk, { value }) => equalsFixed(value, fixed);
  const pattern = statedValue(said.element, 'pattern');
  if (pattern !== undefined) return (_walk, { value }) => matchesPattern(value, pattern);
  const element = context.compile(said);
  if (element !== undefined && element.children.length + element.demands.length > 0) {
    return (walk, node, depth) =>
      walk
        .attempt(() => checkNode(element, walk, node, depth))
        .every(({ severity }) => severity !== 'error');
  }
  const binding = bindingOf(said.element);
  if (binding?.strength !== 'required') return undefined;
  return (walk, { value }) => {
    const codings = isJsonObject(value)
      ? Array.isArray(value['coding'])
        ? value['coding']
        : [value]
      : [{ code: value }];
    return codings.some(({ system, code }) => {
      const named = typeof system === 'string' ? system : undefined;
      return walk.bindings?.has(binding.valueSet, named, String(code)) === true;
    });
  };
}
