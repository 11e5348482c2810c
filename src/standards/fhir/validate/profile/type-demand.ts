import { type FhirNode, nodeOf } from '../../fhirpath/fhirpath.ts';
import { isJsonObject } from '../../json-object.ts';
import type { ElementDefinition } from '../../snapshot/element-definition.ts';
import { resolved } from '../resolve.ts';
import type { Walk } from '../walk.ts';
import type { CompileContext } from './compile-element.ts';
import type { Demand } from './element.ts';

type Around = { base: ElementDefinition | undefined; context: CompileContext };
const core = 'http://hl7.org/fhir/StructureDefinition/';

/** The types that a profile leaves of a choice, and the profiles of the types. */
export function typeDemand(
  element: ElementDefinition,
  id: string,
  { base, context }: Around,
): Demand | undefined {
  const types = element.type ?? [];
  const before = new Set((base?.type ?? []).map(({ code }) => code));
  const codes = new Set(types.map(({ code }) => code));
  const open = element.path.endsWith('[x]') || before.has('Resource');
  const narrowed = open && types.length > 0 && [...before].some((code) => !codes.has(code));
  const profiles = new Map<string, string[]>();
  for (const { code, profile } of types) {
    const same = base?.type?.find((one) => one.code === code)?.profile;
    const added = (profile ?? []).filter((url) => !same?.includes(url));
    if (added.length > 0) profiles.set(code, [...(profiles.get(code) ?? []), ...added]);
  }
  if (!narrowed && profiles.size === 0) return undefined;
  const any = codes.has('Resource') || codes.has('DomainResource');
  return (walk, node, depth) => {
    if (narrowed && !any && !codes.has(node.type)) {
      const text = `${id}: expected the type ${[...codes].join(' or ')}.`;
      walk.error('structure', depth, text);
      return;
    }
    const urls = profiles.get(node.type) ?? profiles.get(any ? 'Resource' : '') ?? [];
    if (urls.length > 0) profiled(walk, node, { urls, depth, id, context });
  };
}

type Profiled = { urls: readonly string[]; depth: number; id: string; context: CompileContext };

/** One of the profiles must be met; with only one, what is wrong is told as it is. */
function profiled(walk: Walk, node: FhirNode, { urls, depth, id }: Profiled): void {
  const [only] = urls;
  if (node.type === 'Extension' && isJsonObject(node.value)) {
    const { url } = node.value;
    // its definition is asked for wherever the extension stands
    if (urls.some((one) => one.replace(/[|#].*$/, '') === url)) return;
  }
  if (urls.length === 1 && only !== undefined) walk.profiles?.check(walk, node, only, depth);
  else if (!urls.some((url) => walk.profiles?.conforms(walk, node, url) !== false)) {
    walk.error('structure', depth, `${id}: expected one of the profiles ${urls.join(', ')}.`);
  }
}

/** The profiles that what a reference leads to must meet. */
export function targetDemand(
  element: ElementDefinition,
  id: string,
  { base, context }: Around,
): Demand | undefined {
  const targets = (element.type ?? []).flatMap(({ code, targetProfile }) =>
    code === 'Reference' && Array.isArray(targetProfile) ? (targetProfile as string[]) : [],
  );
  const before = (base?.type ?? []).flatMap(({ targetProfile }) =>
    Array.isArray(targetProfile) ? targetProfile : [],
  );
  const same = targets.length === before.length && targets.every((one) => before.includes(one));
  if (targets.length === 0 || same) return undefined;
  const byType = new Map<string, string[]>();
  for (const url of targets) {
    const type = context.typeOf(url);
    if (type === undefined || type === 'Resource') return undefined; // cannot be told here
    byType.set(type, [...(byType.get(type) ?? []), url]);
  }
  return (walk, node, depth) => target(walk, node, { byType, depth, id });
}

type Target = { byType: ReadonlyMap<string, string[]>; depth: number; id: string };

function target(walk: Walk, { value }: FhirNode, { byType, depth, id }: Target): void {
  if (!isJsonObject(value) || typeof value['reference'] !== 'string') return;
  const text = value['reference'];
  const found = resolved(walk, text);
  const type = found?.['resourceType'] ?? namedType(text) ?? value['type'];
  if (typeof type !== 'string') return;
  const urls = byType.get(type);
  if (urls === undefined) {
    const types = [...byType.keys()].join(', ');
    walk.error('structure', depth, `${id}: expected a reference to ${types}.`);
  } else if (found !== undefined && !urls.includes(core + type)) {
    const node = nodeOf(found);
    if (urls.some((url) => walk.profiles?.conforms(walk, node, url) !== false)) return;
    const text = `${id}: what it refers to does not conform to ${urls.join(' or ')}.`;
    walk.error('structure', depth, text);
  }
}

/** Type/id, at the end of an absolute URL too. */
function namedType(text: string): string | undefined {
  return /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]+)?$/.exec(
    text.slice(-300),
  )?.[1];
}
