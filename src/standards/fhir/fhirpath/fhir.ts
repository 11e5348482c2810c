import { isJsonObject } from '../json-object.ts';
import { xhtmlFault } from '../validate/xhtml.ts';
import { condition } from './existence.ts';
import { each } from './lambda.ts';
import {
  childrenOf,
  countChildren,
  descendantsOf,
  memberStep,
  resourceOf,
  rootOf,
} from './navigate.ts';
import { type FhirNode, type Nodes, nothing, systemNode, systemTypeOf } from './node.ts';
import type { FunctionRule, FunctionTable, Op } from './op.ts';
import { FhirPathRefused } from './refused.ts';
import { type Run, spend } from './run.ts';
import { single, textOf } from './singleton.ts';

const rule = (least: number, most: number, compile: FunctionRule['compile']): FunctionRule => ({
  least,
  most,
  compile,
});

const extensions = memberStep('extension');

/** R4 fhirpath.html#functions: extension(url), short for extension.where(url = …). */
function withUrl(run: Run, input: Nodes, url: Op | undefined): Nodes {
  const wanted = url && textOf(url.nodes(run));
  if (wanted === undefined) return nothing;
  return extensions
    .nodes(run, input)
    .filter(({ value }) => isJsonObject(value) && value['url'] === wanted);
}

/** The reference as text: of a Reference, or a uri, url or canonical. */
function referenceOf({ value }: FhirNode): string | undefined {
  if (typeof value === 'string') return value;
  const reference = isJsonObject(value) ? value['reference'] : undefined;
  return typeof reference === 'string' ? reference : undefined;
}

function resolve(run: Run, input: Nodes): Nodes {
  const out: FhirNode[] = [];
  for (const node of input) {
    spend(run, 10);
    const reference = referenceOf(node);
    const found = reference === undefined ? undefined : resolveOne(run, node, reference);
    if (found) out.push(found);
  }
  return out;
}

const contained = memberStep('contained');
const entries = memberStep('entry');

function resolveOne(run: Run, node: FhirNode, reference: string): FhirNode | undefined {
  const root = run.environment.rootResource ?? rootOf(resourceOf(node));
  if (reference.startsWith('#')) {
    if (reference === '#') return root;
    const id = reference.slice(1);
    const inside = root ? contained.nodes(run, [root]) : nothing;
    return inside.find(({ value }) => isJsonObject(value) && value['id'] === id);
  }
  return inBundle(run, node, reference) ?? run.environment.resolve?.(reference);
}

/**
 * R4 bundle.html#references: by fullUrl, also of a relative reference under the entry's own base.
 */
function inBundle(run: Run, node: FhirNode, reference: string): FhirNode | undefined {
  let top: FhirNode = node;
  let own: FhirNode | undefined;
  for (; top.parent; top = top.parent) if (top.type === 'Bundle.entry') own = top;
  if (top.type !== 'Bundle') return undefined;
  const fullUrl = own && isJsonObject(own.value) ? own.value['fullUrl'] : undefined;
  const base =
    typeof fullUrl === 'string' ? /^(https?:.*\/)[A-Z]\w+\/[^/]+$/.exec(fullUrl)?.[1] : undefined;
  const wanted = /^[a-z]+:/.test(reference) || base === undefined ? reference : base + reference;
  const entry = entries
    .nodes(run, [top])
    .find(({ value }) => isJsonObject(value) && value['fullUrl'] === wanted);
  return entry && memberStep('resource').nodes(run, [entry])[0];
}

/** A function whose answer only the environment knows. */
function asked(name: 'memberOf' | 'conformsTo'): FunctionRule {
  return rule(1, 1, ([argument]) =>
    condition((run, input) => {
      const node = single(input);
      const canonical = argument && textOf(argument.nodes(run));
      if (node === undefined || canonical === undefined) return undefined;
      const ask = run.environment[name];
      if (!ask) throw notSupported(name);
      return ask.call(run.environment, node, canonical);
    }),
  );
}

/** `turned`: the input is the one below. */
function subsumption(turned: boolean): FunctionRule {
  return rule(1, 1, ([argument]) =>
    condition((run, input) => {
      const node = single(input);
      const other = argument && single(argument.nodes(run));
      if (!node || !other) return undefined;
      const { subsumes } = run.environment;
      if (!subsumes) throw notSupported(turned ? 'subsumedBy' : 'subsumes');
      const [above, below] = turned ? [other, node] : [node, other];
      return subsumes.call(run.environment, above, below);
    }),
  );
}

function notSupported(name: string): FhirPathRefused {
  return new FhirPathRefused('not-supported', `${name} cannot be answered here.`);
}

/** Functions of R4 that ask for the definition of an element, which no node knows. */
const ofDefinition = (name: string, count: number): FunctionRule =>
  rule(count, count, () => ({
    nodes: () => {
      throw notSupported(name);
    },
  }));

/** N1 section trace: the input is returned; what was seen goes to the environment. */
const trace = rule(1, 2, ([name, projection]) => ({
  nodes: (run, input) => {
    const tell = run.environment.trace;
    if (!tell) return input;
    const seen: FhirNode[] = [];
    if (projection) {
      each(run, input, () => {
        for (const node of projection.nodes(run)) seen.push(node);
        return true;
      });
    } else seen.push(...input);
    tell.call(run.environment, (name && textOf(name.nodes(run))) ?? '', seen);
    return input;
  },
}));

function time(text: (now: string) => string, type: string): FunctionRule {
  return rule(0, 0, () => ({
    nodes: (run) => [systemNode(type, text(run.environment.now.toISOString()))],
  }));
}

/** N1 section Reflection: the namespace and name of each element's type. */
function typeInfo(node: FhirNode): FhirNode {
  const [namespace, name] = node.type.startsWith('System.')
    ? ['System', node.type.slice(7)]
    : ['FHIR', node.type];
  return systemNode('System.TypeInfo', { namespace, name });
}

/** R4 fhirpath.html#functions: whether no modifier extension but these is there. */
const checkModifiers = rule(0, 20, (urls) => ({
  nodes: (run, input) => {
    const known = new Set(urls.map((url) => textOf(url.nodes(run))));
    const modifiers = memberStep('modifierExtension').nodes(run, input);
    const stranger = modifiers.some(
      ({ value }) => !isJsonObject(value) || !known.has(String(value['url'])),
    );
    if (!stranger) return input;
    throw new FhirPathRefused('execution', 'A modifier extension that is not expected here.');
  },
}));

/** R4 fhirpath.html#functions, and N1 sections Tree Navigation and Utility. */
export const fhirFunctions: FunctionTable = {
  children: rule(0, 0, () => ({ nodes: childrenOf, count: countChildren })),
  descendants: rule(0, 0, () => ({ nodes: descendantsOf })),
  extension: rule(1, 1, ([url]) => ({ nodes: (run, input) => withUrl(run, input, url) })),
  hasExtension: rule(1, 1, ([url]) =>
    condition((run, input) => withUrl(run, input, url).length > 0),
  ),
  getValue: rule(0, 0, () => ({
    nodes: (_, input) => {
      const [node] = input;
      const type = node && systemTypeOf(node);
      if (input.length !== 1 || !node || !type || isJsonObject(node.value)) return nothing;
      return [systemNode(type, node.value)];
    },
  })),
  resolve: rule(0, 0, () => ({ nodes: resolve })),
  memberOf: asked('memberOf'),
  conformsTo: asked('conformsTo'),
  subsumes: subsumption(false),
  subsumedBy: subsumption(true),
  elementDefinition: ofDefinition('elementDefinition', 0),
  slice: ofDefinition('slice', 2),
  htmlChecks: rule(0, 0, () =>
    condition((run, input) => {
      const text = textOf(input);
      if (text === undefined) return undefined;
      spend(run, 1 + (text.length >> 2));
      return xhtmlFault(text) === undefined;
    }),
  ),
  checkModifiers,
  trace,
  now: time((now) => now, 'System.DateTime'),
  today: time((now) => now.slice(0, 10), 'System.Date'),
  timeOfDay: time((now) => now.slice(11, 23), 'System.Time'),
  type: rule(0, 0, () => ({ nodes: (_, input) => input.map(typeInfo) })),
};

/** %resource and its like, when the environment does not name another node. */
export function resourceVariable(run: Run, root: boolean): Nodes {
  const { environment, input } = run;
  const resource = environment.resource ?? resourceOf(input[0]);
  const found = root ? (environment.rootResource ?? rootOf(resource)) : resource;
  return found ? [found] : nothing;
}
