import { kinds, refuse } from '../../../platform/problem.ts';
import { isJsonObject, type JsonObject } from '../../../standards/fhir/json-object.ts';

/** R4 valueset-resource-validation-mode.html */
const modes = ['create', 'update', 'delete', 'profile'] as const;
export type Mode = (typeof modes)[number];

/** What $validate is asked (R4 resource-operation-validate.html). */
export type ValidateRequest = {
  readonly resource: JsonObject | undefined;
  readonly mode: Mode | undefined;
  readonly profiles: readonly string[];
  /** Parameters that mean nothing here: told, not dropped. */
  readonly ignored: readonly string[];
};

type Pairs = readonly (readonly [string, string])[];

/**
 * Of a body, which is the resource itself or Parameters with it, and of the query. A Parameters
 * posted to its own type is the resource unless it holds one.
 */
export function validateRequest(
  type: string,
  body: JsonObject | undefined,
  pairs: Pairs,
): ValidateRequest {
  const asked = pairs.filter(([name]) => name !== '_format' && name !== '_pretty');
  const parts = body?.['resourceType'] === 'Parameters' ? partsOf(body) : [];
  const inside = parts.some(({ name }) => name === 'resource');
  const wrapped = body?.['resourceType'] === 'Parameters' && (inside || type !== 'Parameters');
  const given = [...asked, ...(wrapped ? parts.map(({ name, value }) => [name, value]) : [])];
  const named = (name: string) => given.flatMap(([one, value]) => (one === name ? [value] : []));
  const resource = wrapped ? parts.find(({ name }) => name === 'resource')?.resource : body;
  const known = ['resource', 'mode', 'profile'];
  return {
    resource,
    mode: modeFrom(named('mode')[0]),
    profiles: named('profile').map(profileFrom),
    ignored: given.flatMap(([name]) => (known.includes(String(name)) ? [] : [String(name)])),
  };
}

type Part = { name: string; value: unknown; resource: JsonObject | undefined };

function partsOf(parameters: JsonObject): Part[] {
  const list: unknown[] = Array.isArray(parameters['parameter']) ? parameters['parameter'] : [];
  return list.filter(isJsonObject).map((part) => {
    const value = Object.entries(part).find(([key]) => key.startsWith('value'))?.[1];
    const { name, resource } = part;
    return { name: String(name), value, resource: isJsonObject(resource) ? resource : undefined };
  });
}

function modeFrom(value: unknown): Mode | undefined {
  if (value === undefined) return undefined;
  const mode = modes.find((one) => one === value);
  return mode ?? refuse(kinds.badRequest, `mode is one of ${modes.join(', ')}.`);
}

function profileFrom(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  return refuse(kinds.badRequest, 'profile is the canonical url of a StructureDefinition.');
}
