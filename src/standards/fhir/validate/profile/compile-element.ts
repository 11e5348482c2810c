import type { JsonObject } from '../../json-object.ts';
import type { ElementDefinition } from '../../snapshot/element-definition.ts';
import type { ElementNode } from '../../snapshot/element-tree.ts';
import { baseType } from '../r4-definition.ts';
import type { TreeOf } from './definition-path.ts';
import { bindingDemand, invariantDemands, valueDemands } from './demand.ts';
import { discriminatorOf } from './discriminator.ts';
import type { Demand, ProfileElement, Slice, Slicing } from './element.ts';
import { targetDemand, typeDemand } from './type-demand.ts';

/** What the elements of one profile are compiled with. */
export type CompileContext = {
  treeOf: TreeOf;
  /** The R4 type that the profile of this url constrains. */
  typeOf(url: string): string | undefined;
  compile(node: ElementNode): ProfileElement | undefined;
  /** Of this profile, by id: what content references lead to. */
  compiled: Map<string, ProfileElement>;
};

/** undefined: the profile says nothing of the element, nor of what is below it. */
export function compileElement(
  node: ElementNode,
  id: string,
  context: CompileContext,
): ProfileElement | undefined {
  const { element } = node;
  const base = element.sliceName === undefined ? baseOf(element) : undefined;
  const children = node.children.flatMap(
    (one) => compileElement(one, `${id}.${one.name}`, context) ?? [],
  );
  const compiled: ProfileElement = {
    id,
    name: node.name.replace('[x]', ''),
    key: node.name,
    type: String(element.type?.[0]?.code ?? ''),
    path: element.path,
    ...counts(element, base),
    demands: demandsOf(element, id, { base: baseOf(element), context }),
    children,
    slicing: slicingOf(node, id, context),
  };
  context.compiled.set(id, compiled);
  const { contentReference } = element;
  if (typeof contentReference === 'string') return referring(compiled, contentReference, context);
  return says(compiled) || element.sliceName !== undefined ? compiled : undefined;
}

function says({ demands, children, slicing, min, max }: ProfileElement): boolean {
  const counted = min > 0 || max !== Number.POSITIVE_INFINITY;
  return counted || demands.length > 0 || children.length > 0 || slicing !== undefined;
}

/** R4 elementdefinition.html#contentReference: the same is demanded as at the element named. */
function referring(
  element: ProfileElement,
  reference: string,
  { compiled }: CompileContext,
): ProfileElement {
  const id = reference.slice(reference.indexOf('#') + 1);
  return {
    ...element,
    get children() {
      return compiled.get(id)?.children ?? [];
    },
  };
}

/** How often, where that is not what the base already asks for. */
function counts(
  { min, max }: ElementDefinition,
  base: ElementDefinition | undefined,
): { min: number; max: number } {
  const most = max === undefined || max === '*' ? Number.POSITIVE_INFINITY : Number(max);
  if (base === undefined) return { min: min ?? 0, max: most };
  return {
    min: (min ?? 0) > (base.min ?? 0) ? (min ?? 0) : 0,
    max: max === base.max ? Number.POSITIVE_INFINITY : most,
  };
}

/** The element of the R4 type that this one constrains. */
function baseOf(element: ElementDefinition): ElementDefinition | undefined {
  const { base, path } = element as { base?: { path?: unknown }; path: string };
  const from = typeof base?.path === 'string' ? base.path : path;
  const elements = baseType(from.split('.')[0] ?? '')?.snapshot?.element;
  return elements?.find((one) => one.path === from && one.sliceName === undefined);
}

type Around = { base: ElementDefinition | undefined; context: CompileContext };

function demandsOf(element: ElementDefinition, id: string, { base, context }: Around): Demand[] {
  const binding = bindingDemand(element, base);
  const types = typeDemand(element, id, { base, context });
  const targets = targetDemand(element, id, { base, context });
  return [
    ...(types ? [types] : []),
    ...valueDemands(element, id),
    ...(binding ? [binding] : []),
    ...(targets ? [targets] : []),
    ...invariantDemands(element, knownExpressions(element, base)),
  ];
}

/** Expressions that the base check evaluates anyway: of the element, and of its types. */
function knownExpressions(
  element: ElementDefinition,
  base: ElementDefinition | undefined,
): ReadonlySet<string> {
  const roots = [...(element.type ?? []), { code: element.path }].map(
    ({ code }) => baseType(code)?.snapshot?.element[0],
  );
  return new Set(
    [base, ...roots].flatMap((one) =>
      (one?.constraint ?? []).map((constraint) => String(constraint['expression'])),
    ),
  );
}

function slicingOf(node: ElementNode, id: string, context: CompileContext): Slicing | undefined {
  const own = node.element.sliceName;
  const prefix = own === undefined ? '' : `${own}/`;
  return node.slices.length === 0
    ? undefined
    : slicesOf(node, node.slices, { id, prefix, context });
}

type SlicingOf = { id: string; prefix: string; context: CompileContext };

/** Slices named `a/b` are slices of the slice `a`. */
function slicesOf(
  node: ElementNode,
  all: readonly ElementNode[],
  { id, prefix, context }: SlicingOf,
): Slicing | undefined {
  const named = (one: ElementNode) => one.element.sliceName ?? '';
  const names = new Set(all.map(named));
  const mine = all.filter((one) => {
    const name = named(one);
    if (!name.startsWith(prefix)) return false;
    for (let at = name.indexOf('/', prefix.length); at >= 0; at = name.indexOf('/', at + 1)) {
      if (names.has(name.slice(0, at))) return false;
    }
    return true;
  });
  if (mine.length === 0) return undefined;
  const { discriminators, rules, ordered } = rulesOf(node.element);
  const root = id.replace(/:[^.]*$/, '');
  const slices = mine.flatMap((slice): Slice[] => {
    const name = named(slice);
    const element = compileElement(slice, `${root}:${name}`, context);
    if (element === undefined) return [];
    const below = slicesOf(slice, all, { id: root, prefix: `${name}/`, context });
    const holds = discriminators.map((one) => discriminatorOf(one, slice, context));
    const known = holds.filter((one) => one !== undefined);
    return [
      {
        name,
        element: below === undefined ? element : { ...element, slicing: below },
        holds:
          known.length === 0
            ? undefined
            : (walk, value, depth) => known.every((one) => one(walk, value, depth)),
      },
    ];
  });
  return { rules, ordered, slices };
}

type Rules = { discriminators: JsonObject[]; rules: Slicing['rules']; ordered: boolean };

/** Extensions are sliced by url and choices by type also where nobody says so. */
function rulesOf({ slicing, path }: ElementDefinition): Rules {
  const { discriminator, rules, ordered } = slicing ?? {};
  const list = (Array.isArray(discriminator) ? discriminator : []) as JsonObject[];
  const implied: JsonObject[] = path.endsWith('[x]')
    ? [{ type: 'type', path: '$this' }]
    : /\.(?:modifierE|e)xtension$/.test(path)
      ? [{ type: 'value', path: 'url' }]
      : [];
  return {
    discriminators: list.length > 0 ? list : implied,
    rules: rules === 'closed' || rules === 'openAtEnd' ? rules : 'open',
    ordered: ordered === true,
  };
}
