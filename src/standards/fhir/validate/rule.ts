import { resourceTypes, typeSchema } from '../definitions.ts';
import { type PrimitiveCheck, primitiveChecks } from '../primitive.ts';
import type { ElementDefinition } from '../snapshot/element-definition.ts';
import { type Binding, bindingOf } from './binding.ts';

/** What one JSON property of a type must be; what the fast code leaves to the slow. */
export type ElementRule = {
  /** FHIRPath name: value for valueQuantity. */
  name: string;
  json: string;
  /** Of the definition: Observation.value[x]. */
  path: string;
  /** Path of the type that owns it: Observation, Observation.component. */
  owner: string;
  type: string;
  repeats: boolean;
  primitive: PrimitiveCheck | undefined;
  /** Resource types a Reference or canonical may point to; undefined: any. */
  targets: ReadonlySet<string> | undefined;
  /** The same as relative references begin: `Patient/`. */
  prefixes: readonly string[];
  binding: Binding | undefined;
};

/** The rule of an element, for one of the types it may have. */
export function ruleOf(
  owner: string,
  element: ElementDefinition,
  type: { code: string; targetProfile?: readonly string[] },
): ElementRule {
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const choice = last.endsWith('[x]');
  const name = choice ? last.slice(0, -3) : last;
  const targets = targetsOf(type.targetProfile);
  return {
    name,
    json: choice ? name + type.code.charAt(0).toUpperCase() + type.code.slice(1) : name,
    path: element.path,
    owner,
    type: type.code,
    repeats: element.max !== '1' && element.max !== '0',
    primitive: primitiveChecks.get(type.code),
    targets,
    prefixes: [...(targets ?? [])].slice(0, 8).map((one) => `${one}/`),
    binding: numbered(bindingOf(element), codesOf(owner, name)),
  };
}

let bindings = 0;

function numbered(
  binding: Binding | undefined,
  codes: ReadonlySet<string> | undefined,
): Binding | undefined {
  return binding && { ...binding, number: bindings++, ...(codes && { codes }) };
}

/** Of R4's required value sets, those that are at hand without a terminology. */
function codesOf(owner: string, name: string): ReadonlySet<string> | undefined {
  const element = typeSchema(owner)?.elements.find((one) => one.name === name);
  return element?.types.length === 1 ? element.types[0]?.codes : undefined;
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

/** undefined where a profile or Resource is among them: any type may do. */
function targetsOf(profiles: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (profiles === undefined || profiles.length === 0) return undefined;
  const types = profiles.map((one) => (one.startsWith(base) ? one.slice(base.length) : ''));
  return types.every((one) => resourceTypes.has(one)) ? new Set(types) : undefined;
}
