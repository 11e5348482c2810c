import {
  compileFhirPath,
  type FhirNode,
  type FhirPath,
  type FhirPathEnvironment,
  FhirPathRefused,
  nodeOf,
} from '../fhirpath/fhirpath.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { resolved } from './resolve.ts';
import type { Walk } from './walk.ts';

/** A constraint of a definition (R4 elementdefinition.html#ElementDefinition.constraint). */
export type Invariant = {
  key: string;
  severity: 'error' | 'warning';
  /** In words, from the definition. */
  text: string;
  expression: string;
  /** Of the element it stands at. */
  type: string;
  /** Compiled when first met; undefined afterwards: the expression is none. */
  path?: FhirPath | undefined;
};

/** undefined: it has no expression, so that no program can check it. */
export function compileInvariant(constraint: JsonObject, type: string): Invariant | undefined {
  const { key, severity, human, expression } = constraint;
  if (typeof expression !== 'string' || expression === '') return undefined;
  return {
    key: String(key),
    severity: severity === 'warning' ? 'warning' : 'error',
    text: `${typeof human === 'string' ? human : 'The constraint is not met'} (${String(key)})`,
    expression,
    type,
  };
}

const asksTime = /\b(?:now|today|timeOfDay)\s*\(/;

/** Evaluates what is not native, and tells when it does not hold. */
export function invariant(walk: Walk, one: Invariant, value: unknown, depth: number): void {
  walk.depth = depth;
  const fault = invariantFault(walk, one, { value, type: one.type });
  if (fault === undefined) return;
  if (fault.severity === 'error') walk.error('invariant', depth, fault.text);
  else walk.warning(fault.code, depth, fault.text);
}

export type InvariantFault = {
  severity: 'error' | 'warning';
  code: 'invariant' | 'not-supported' | 'too-costly';
  text: string;
};

/** An empty result counts as met: it says that what the constraint is about is not there. */
export function invariantFault(
  walk: Walk,
  one: Invariant,
  node: FhirNode,
): InvariantFault | undefined {
  try {
    if (!('path' in one)) one.path = compileFhirPath(one.expression);
    if (one.path === undefined) return unevaluated(one, 'its expression is no FHIRPath');
    if (walk.now === undefined && asksTime.test(one.expression)) {
      return unevaluated(one, 'it asks for the time');
    }
    if (walk.steps > mostSteps) return tooCostly(one);
    if (one.path.test(node, environmentOf(walk)) !== false) return undefined;
    return { severity: one.severity, code: 'invariant', text: one.text };
  } catch (error) {
    if (!(error instanceof FhirPathRefused)) throw error;
    if (!('path' in one)) one.path = undefined;
    return error.code === 'too-costly' ? tooCostly(one) : unevaluated(one, error.message);
  }
}

/** FHIRPath steps of one validation, about a second; R4's own constraints take 50 an element. */
export const mostSteps = 10_000_000;

function tooCostly({ key }: Invariant): InvariantFault {
  const text = `The constraint ${key} takes more steps than it may: it was not checked.`;
  return { severity: 'warning', code: 'too-costly', text };
}

function unevaluated({ key }: Invariant, why: string): InvariantFault {
  const text = `The constraint ${key} was not checked: ${why.replace(/\.$/, '')}.`;
  return { severity: 'warning', code: 'not-supported', text };
}

/** %resource, %rootResource and what else expressions ask for; made once per resource. */
export function environmentOf(walk: Walk): FhirPathEnvironment {
  const { resource, root } = walk;
  const known = walk.environment;
  if (known !== undefined && known.resource?.value === resource) return known;
  const environment: FhirPathEnvironment = {
    now: walk.now ?? new Date(0),
    ...(resource && { resource: nodeOf(resource) }),
    ...(root && { rootResource: nodeOf(root) }),
    spent: (steps) => {
      walk.steps += steps;
    },
    resolve: (reference) => {
      const found = resolved(walk, reference);
      return found && nodeOf(found);
    },
    memberOf: (node, valueSet) => memberOf(walk, node, valueSet),
    conformsTo: (node, profile) => walk.profiles?.conforms(walk, node, profile),
  };
  walk.environment = environment;
  return environment;
}

/** R4 fhirpath.html#functions: a code, Coding or CodeableConcept in a value set. */
function memberOf(walk: Walk, { value }: FhirNode, valueSet: string): boolean | undefined {
  if (typeof value === 'string') return walk.bindings?.has(valueSet, undefined, value);
  if (!isJsonObject(value)) return undefined;
  const list = Array.isArray(value['coding']) ? value['coding'] : [value];
  let unsure = false;
  for (const one of list) {
    if (!isJsonObject(one) || typeof one['code'] !== 'string') continue;
    const { system } = one;
    const named = typeof system === 'string' ? system : undefined;
    const found = walk.bindings?.has(valueSet, named, one['code']);
    if (found === true) return true;
    if (found === undefined) unsure = true;
  }
  return unsure ? undefined : false;
}
