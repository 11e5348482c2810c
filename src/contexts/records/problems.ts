import { kinds, type ProblemKind } from '../../platform/problem.ts';

/** What the record store refuses with, beyond the kinds every door knows. */
export const recordKinds = {
  ...kinds,
  unknownType: { status: 404, code: 'RESOURCE_TYPE_UNKNOWN', issue: 'not-supported' },
  gone: { status: 410, code: 'RESOURCE_DELETED', issue: 'deleted' },
  versionConflict: { status: 412, code: 'VERSION_CONFLICT', issue: 'conflict' },
  preconditionFailed: { status: 412, code: 'PRECONDITION_FAILED', issue: 'multiple-matches' },
  structure: { status: 422, code: 'FHIR_VALIDATION_FAILED', issue: 'invalid' },
  notJson: { status: 400, code: 'FHIR_NOT_JSON', issue: 'structure' },
  mismatch: { status: 400, code: 'RESOURCE_MISMATCH', issue: 'invalid' },
  searchRefused: { status: 400, code: 'SEARCH_REFUSED', issue: 'invalid' },
  cursor: { status: 400, code: 'CURSOR_INVALID', issue: 'invalid' },
  notAcceptable: { status: 406, code: 'NOT_ACCEPTABLE', issue: 'not-supported' },
  transaction: { status: 400, code: 'TRANSACTION_REFUSED', issue: 'invalid' },
  tooCostly: { status: 422, code: 'TOO_COSTLY', issue: 'too-costly' },
  patchRefused: { status: 422, code: 'PATCH_REFUSED', issue: 'processing' },
  keyInFlight: { status: 409, code: 'IDEMPOTENCY_KEY_IN_FLIGHT', issue: 'conflict' },
  keyReused: { status: 422, code: 'IDEMPOTENCY_KEY_REUSED', issue: 'conflict' },
} as const satisfies Record<string, ProblemKind>;
