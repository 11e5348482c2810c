import { refuse } from '../../../platform/problem.ts';
import type { Issue } from '../../../standards/fhir/issue.ts';
import { isJsonObject, type JsonObject } from '../../../standards/fhir/json-object.ts';
import { recordKinds } from '../problems.ts';
import { tenantValidator, type Validating } from './tenant-validator.ts';

const none: readonly string[] = [];

/** R4 resource.html#Meta.profile: what the resource says it conforms to. */
function claimed({ meta }: JsonObject): readonly string[] {
  const profiles = isJsonObject(meta) ? meta['profile'] : undefined;
  if (!Array.isArray(profiles)) return none;
  return profiles.filter((one): one is string => typeof one === 'string');
}

/** Profiles of one resource: each is a validation of its own; published examples claim three. */
const mostProfiles = 50;

/** @throws {Problem} TOO_COSTLY for a resource that claims, or is held against, too many. */
export function requireFewProfiles(resource: JsonObject, nominated: readonly string[] = []): void {
  if (claimed(resource).length + nominated.length <= mostProfiles) return;
  refuse(recordKinds.tooCostly, `A resource is held against at most ${mostProfiles} profiles.`);
}

/**
 * What is written must meet the profiles it claims: refused with every issue (422) unless it does.
 * Returns those nobody here knows, which are accepted and told. Nothing is looked up for a resource
 * that claims none.
 */
export async function requireProfiles(
  store: Validating,
  tenant: number,
  resource: JsonObject,
): Promise<readonly string[]> {
  const profiles = claimed(resource);
  if (profiles.length === 0) return none;
  requireFewProfiles(resource);
  const { definitions, validator } = await tenantValidator(store, tenant);
  const known = (url: string) => definitions.find('StructureDefinition', url) !== undefined;
  const unknown = profiles.filter((url) => !known(url));
  const faults = unknown.flatMap((url) => definitions.fault(url) ?? []).map(unusable);
  if (faults.length > 0) {
    refuse(recordKinds.structure, 'A profile the resource claims cannot be used.', {
      issues: faults,
    });
  }
  if (unknown.length === profiles.length) return unknown;
  const issues = validator.validate(resource, { now: store.now() });
  if (issues.some(({ severity }) => severity === 'error')) {
    refuse(recordKinds.structure, 'The resource does not meet the profiles it claims.', { issues });
  }
  return unknown;
}

/** A profile that is stored and yet no profile: its own fault, told to whoever claims it. */
export function unusable(text: string): Issue {
  return { severity: 'error', code: 'not-supported', expression: '', text };
}
