import { fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { refuse } from '../../../platform/problem.ts';
import type { Issue } from '../../../standards/fhir/issue.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import { operationOutcome } from '../../../standards/fhir/outcome.ts';
import { guarded } from '../allow.ts';
import { parseBody, requireId, requireType } from '../body.ts';
import { type FhirCall, fhirReplies, requireJsonBody, requireJsonFace } from '../fhir-call.ts';
import { recordKinds } from '../problems.ts';
import { readRecord } from '../read.ts';
import type { Store } from '../store.ts';
import { type ValidateRequest, validateRequest } from './validate-request.ts';
import { validateResource } from './validate-resource.ts';

const shared = { tag: 'FHIR operations', replies: fhirReplies } as const;

/**
 * R4 resource-operation-validate.html: on a type with what is sent, on a record with what is kept.
 */
export function validateRoutes(store: Store): Route[] {
  const onType = '/fhir/:type/$validate';
  const onRecord = '/fhir/:type/:id/$validate';
  const sent = { method: 'POST', summary: 'Validate a resource', ...shared } as const;
  const kept = { method: 'GET', summary: 'Validate a record as it is', ...shared } as const;
  return [
    fhirRoute({ ...sent, path: onType }, (call) => validateSent(store, call, undefined)),
    fhirRoute({ ...sent, path: onRecord }, (call) =>
      validateSent(store, call, requireId(call.params['id'] ?? '')),
    ),
    fhirRoute({ ...kept, path: onRecord }, async (call) => {
      requireJsonFace(call.headers, call.pairs);
      const about = { type: typeOf(call), id: requireId(call.params['id'] ?? '') };
      const request = validateRequest(about.type, undefined, call.pairs);
      return outcome(await validateKept(store, call, about, request));
    }),
  ];
}

function typeOf(call: FhirCall): string {
  return requireType(call.params['type'] ?? '');
}

async function validateSent(store: Store, call: FhirCall, id: string | undefined): Promise<Reply> {
  requireJsonFace(call.headers, call.pairs);
  const about = { type: typeOf(call), id };
  const sent = call.body === undefined || call.body.length === 0 ? undefined : bodyOf(call);
  const request = validateRequest(about.type, sent, call.pairs);
  const { mode, resource } = request;
  if (mode === 'delete' && id === undefined) {
    refuse(recordKinds.badRequest, 'mode=delete is asked of a record: POST [type]/[id]/$validate.');
  }
  // R4: mode profile checks the record that is kept.
  if (id !== undefined && resource === undefined && mode !== 'delete') {
    return outcome(await validateKept(store, call, { ...about, id }, request));
  }
  return outcome(await validateResource({ store, caller: call.caller }, about, request));
}

function bodyOf(call: FhirCall): JsonObject {
  requireJsonBody(call.headers);
  return parseBody(call.body);
}

/** The record as the caller may see it: read, decided on and audited as any read. */
async function validateKept(
  store: Store,
  { caller }: FhirCall,
  about: { type: string; id: string },
  request: ValidateRequest,
): Promise<Issue[]> {
  const { rendered } = await guarded(store, caller, () => readRecord({ store, caller, ...about }));
  const resource = parseResourceJson(rendered.json, { maxDepth: 1000 });
  const issues = await validateResource({ store, caller }, about, { ...request, resource });
  if (rendered.withheld.length === 0) return issues;
  const text = 'Parts of the record that you do not see were not looked at.';
  return [{ severity: 'warning', code: 'security', expression: '', text }, ...issues];
}

function outcome(issues: readonly Issue[]): Reply {
  return { status: 200, body: operationOutcome(issues) };
}
