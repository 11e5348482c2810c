import { Problem } from '../../../platform/problem.ts';
import type { Issue, IssueType } from '../../../standards/fhir/issue.ts';
import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import { AccessDenied } from '../allow.ts';
import { requireStructure } from '../body.ts';
import { type Asked, createRecord, deleteRecord, updateRecord } from '../interaction.ts';
import type { Resource } from '../prepare.ts';
import { requireFewProfiles, unusable } from './require-profile.ts';
import { tenantValidator } from './tenant-validator.ts';
import type { ValidateRequest } from './validate-request.ts';

type About = { readonly type: string; readonly id: string | undefined };

/**
 * Everything there is to say of a resource (R4 resource-operation-validate.html): against R4, the
 * profiles it claims and those nominated; then whether the write of `mode` would be accepted.
 */
export async function validateResource(
  asked: Asked,
  about: About,
  request: ValidateRequest,
): Promise<Issue[]> {
  const { resource, mode } = request;
  const issues = request.ignored.map(ignored);
  if (mode !== 'delete') {
    if (resource === undefined) return [...issues, missing()];
    issues.push(...(await contentIssues(asked, about, resource, request.profiles)));
  }
  const sound = !issues.some(({ severity }) => severity === 'error');
  if (!sound || mode === undefined || mode === 'profile') return issues;
  return [...issues, ...(await rehearsalIssues(asked, about, request))];
}

async function contentIssues(
  { store, caller }: Asked,
  { type }: About,
  resource: JsonObject,
  profiles: readonly string[],
): Promise<Issue[]> {
  const { tenant } = caller.principal;
  requireFewProfiles(resource, profiles);
  const { definitions, validator } = await tenantValidator(store, tenant);
  const issues: Issue[] = [];
  if (typeof resource['resourceType'] === 'string' && resource['resourceType'] !== type) {
    issues.push(error('invalid', `The path is for ${type}, the resource is of another type.`));
  }
  const faults = profiles.flatMap((url) => definitions.fault(url) ?? []);
  const told = validator.validate(resource, { profiles, now: store.now() });
  issues.push(...faults.map(unusable), ...told);
  if (definitions.unread > 0) {
    const text = `${definitions.unread} or more stored definitions are too many to be read.`;
    issues.push({ severity: 'warning', code: 'too-costly', expression: '', text });
  }
  return issues;
}

/** The write is done, told and taken back; a policy's refusal stays one. */
async function rehearsalIssues(
  asked: Asked,
  { type, id }: About,
  { resource, mode }: ValidateRequest,
): Promise<Issue[]> {
  const rehearsed = { ...asked, frame: { rehearsal: true } };
  try {
    if (mode === 'create') await createRecord(rehearsed, checked(resource));
    const target = id ?? String(resource?.['id'] ?? '');
    if (mode === 'update')
      await updateRecord({ ...rehearsed, type, id: target }, checked(resource));
    if (mode === 'delete') {
      const { applied } = await deleteRecord({ ...rehearsed, type, id: target });
      if (applied.version === undefined) return [error('not-found', 'There is no such record.')];
    }
    return [];
  } catch (problem) {
    if (problem instanceof AccessDenied || !(problem instanceof Problem)) throw problem;
    if (problem.kind.status >= 500) throw problem;
    return [error('business-rule', problem.detail)];
  }
}

function checked(resource: JsonObject | undefined): Resource {
  const whole = { resourceType: '', ...resource };
  requireStructure(whole);
  return whole;
}

function error(code: IssueType, text: string): Issue {
  return { severity: 'error', code, expression: '', text };
}

function missing(): Issue {
  return error('required', 'Send the resource, alone or in Parameters under the name resource.');
}

function ignored(name: string): Issue {
  const text = `The parameter ${name.slice(0, 64)} is not known and was ignored.`;
  return { severity: 'warning', code: 'not-supported', expression: '', text };
}
