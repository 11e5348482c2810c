import { resourceTypes, typeSchema } from '../../definitions.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import type { StructureDefinition } from '../../snapshot/element-definition.ts';
import type { Step } from '../place.ts';
import type { Walk } from '../walk.ts';

/** Where an extension's parent stands. */
export type Parent = { walk: Walk; depth: number; resource: JsonObject | undefined };

/**
 * Whether a definition's contexts allow an extension (R4 defining-extensions.html#context): `here`,
 * at every element of this definition; `there`, at this one; `no`; `untold`.
 */
export function contextFits(
  { context }: StructureDefinition,
  { walk, depth, resource }: Parent,
): 'here' | 'there' | 'no' | 'untold' {
  if (!Array.isArray(context) || context.length === 0) return 'untold';
  const place = walk.step[depth];
  if (place === undefined) return 'untold';
  // a resource in another: what it is, the resource itself says
  const type = resource?.['resourceType'];
  const inside = place.type === 'Resource' && typeof type === 'string';
  const names = namesOf(inside ? { ...place, type } : place);
  let unsure = false;
  for (const one of context) {
    const { type, expression }: { type?: unknown; expression?: unknown } = one ?? {};
    if (typeof expression !== 'string') continue;
    if (type === 'fhirpath') unsure = true;
    else if (type === 'extension') unsure ||= place.type === 'Extension';
    else if (names.has(plain(expression))) return inside ? 'there' : 'here';
    else if (expression.startsWith('http')) unsure = true;
  }
  if (unsure) return 'untold';
  const full = fullPath({ walk, depth, resource });
  const there = context.some(
    (one) =>
      isJsonObject(one) && typeof one['expression'] === 'string' && fits(one['expression'], full),
  );
  return there ? 'there' : 'no';
}

function plain(expression: string): string {
  return expression.replace(/\[x\]$/, '');
}

function fits(expression: string, full: string): boolean {
  return plain(expression) === full;
}

/** What an element is by its definition: its path, its type, and what the type specializes. */
function namesOf({ type, path }: Step): ReadonlySet<string> {
  // R4 defining-extensions.html#context: Element stands for any element, and R4 for resources too
  const names = new Set([plain(path), type, 'Element']);
  const schema = typeSchema(type);
  if (resourceTypes.has(type)) {
    names.add('Resource');
    if (schema?.elements.some(({ name }) => name === 'modifierExtension'))
      names.add('DomainResource');
    return names;
  }
  if (schema?.kind === 'backbone') names.add('BackboneElement');
  if (['Age', 'Count', 'Distance', 'Duration'].includes(type)) names.add('Quantity');
  for (const [special, general] of specialized) if (type === special) names.add(general);
  return names;
}

const specialized = [
  ['code', 'string'],
  ['id', 'string'],
  ['markdown', 'string'],
  ['canonical', 'uri'],
  ['url', 'uri'],
  ['oid', 'uri'],
  ['uuid', 'uri'],
  ['positiveInt', 'integer'],
  ['unsignedInt', 'integer'],
] as const;

/** Names from the resource down: Patient.name.family. */
function fullPath({ walk, depth, resource }: Parent): string {
  const names: string[] = [];
  for (let level = depth; level >= 0; level--) {
    const step = walk.step[level];
    if (step === undefined) break;
    const root = step.type === 'Resource' || resourceTypes.has(step.type);
    names.unshift(root ? String(resource?.['resourceType']) : step.name);
    if (root) break;
  }
  return names.join('.');
}
