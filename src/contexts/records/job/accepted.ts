import type { Reply } from '../../../platform/http/route.ts';

/** FHIR R4 async.html: where the answer will be told. */
export function accepted(baseUrl: string, id: string): Reply {
  const text = 'Accepted: Content-Location tells how far it is.';
  const issue = [{ severity: 'information', code: 'informational', diagnostics: text }];
  return {
    status: 202,
    headers: { 'content-location': `${baseUrl}/_job/${id}` },
    body: { resourceType: 'OperationOutcome', issue },
  };
}
