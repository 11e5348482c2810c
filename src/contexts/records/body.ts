import { refuse } from '../../platform/problem.ts';
import { resourceTypes } from '../../standards/fhir/definitions.ts';
import { JsonRefused, parseResourceJson, strangersCost } from '../../standards/fhir/json.ts';
import { isResourceId } from '../../standards/fhir/reference.ts';
import { checkStructure } from '../../standards/fhir/structure.ts';
import type { Resource } from './prepare.ts';
import { recordKinds } from './problems.ts';

/**
 * A body as FHIR JSON, its structure checked. `entries` false: a Bundle's entries are left
 * unchecked.
 */
export function resourceFrom(bytes: Buffer | undefined, entries = true): Resource {
  if (bytes === undefined || bytes.length === 0) {
    return refuse(recordKinds.notJson, 'The body is empty: send the resource as JSON.');
  }
  const resource = parseBody(bytes);
  requireStructure(resource, entries);
  return resource;
}

/** Any JSON object, well-formed and within bounds; its structure unchecked. */
export function parseBody(bytes: Buffer): Resource {
  try {
    return parseResourceJson(bytes, { maxCost: strangersCost }) as Resource;
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    const issue = { severity: 'fatal' as const, code: 'structure', text: error.message };
    if (error.code === 'too-much') refuse(recordKinds.tooCostly, error.message);
    return refuse(recordKinds.notJson, error.message, { issues: [issue] });
  }
}

export function requireStructure(resource: Resource, entries = true): void {
  const errors = checkStructure(resource, { bundleEntries: entries }).filter(
    (issue) => issue.severity === 'error',
  );
  if (errors.length === 0) return;
  refuse(recordKinds.structure, 'The resource is not valid FHIR R4.', { issues: errors });
}

export function requireType(type: string): string {
  if (resourceTypes.has(type)) return type;
  if (type.startsWith('$')) refuse(recordKinds.noRoute, 'There is no such operation here.');
  return refuse(recordKinds.unknownType, 'This is not a resource type of FHIR R4.');
}

/** R4 datatypes.html#id. */
export function requireId(id: string): string {
  if (isResourceId(id)) return id;
  if (id.startsWith('$')) refuse(recordKinds.noRoute, 'There is no such operation here.');
  return refuse(recordKinds.mismatch, 'An id has 1 to 64 of A-Z a-z 0-9 - and the full stop.');
}

/** The body of a create or update is of the type the path names. */
export function requireSameType(resource: Resource, type: string): void {
  if (resource.resourceType === type) return;
  refuse(recordKinds.mismatch, `The path is for ${type}, the body is another type.`);
}
