import { kinds, Problem } from '../problem.ts';
import type { Route } from './route.ts';

/** The refusal as the route's dialect writes it. A defect's own message never leaves the house. */
export function problemBody(problem: Problem, dialect: Route['dialect'], correlation: string) {
  if (dialect === 'fhir') return operationOutcome(problem);
  const issues = problem.issues.length > 0 ? { issues: problem.issues } : {};
  return {
    error: {
      code: problem.kind.code,
      message: problem.detail,
      details: { ...problem.details, ...issues, timestamp: new Date().toISOString() },
      trace_id: correlation,
    },
  };
}

function operationOutcome(problem: Problem) {
  const { code, issue } = problem.kind;
  const coding = [{ system: 'urn:medconnect:problem', code }];
  const issues = problem.issues.map((one) => ({
    severity: one.severity,
    code: one.code,
    details: { coding, text: one.text },
    diagnostics: one.text,
    ...(one.expression === undefined ? {} : { expression: [one.expression] }),
  }));
  const whole = {
    severity: 'error',
    code: issue,
    details: { coding, text: problem.detail },
    diagnostics: problem.detail,
  };
  return { resourceType: 'OperationOutcome', issue: issues.length > 0 ? issues : [whole] };
}

/**
 * Whatever was thrown, as a Problem: the server's own errors (body limits, broken JSON) and the
 * database's statement timeout (57014), which also ends a wait for another's lock, included.
 */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode } = fields(error);
  if (code === 'FST_ERR_VALIDATION') {
    return new Problem(kinds.validation, 'The request does not fit its schema.', {
      cause: error,
      issues: validationIssues(error),
    });
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new Problem(kinds.tooLarge, 'The body is larger than this path accepts.');
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new Problem(kinds.mediaType, 'Send the body as application/json.');
  }
  if (code === '57014') {
    const text = 'The database took longer than it may; ask for less, or try again shortly.';
    const headers = { 'retry-after': '5' };
    return new Problem({ ...kinds.unavailable, issue: 'timeout' }, text, { cause: error, headers });
  }
  if (code === 'FST_ERR_NOT_FOUND') return new Problem(kinds.noRoute, 'No such path.');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem({ ...kinds.badRequest, status: statusCode }, 'The request is malformed.');
  }
  return new Problem(kinds.internal, 'An internal error; the log knows it by this trace id.', {
    cause: error,
  });
}

function fields(error: unknown): { code?: string; statusCode?: number } {
  if (typeof error !== 'object' || error === null) return {};
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const status = 'statusCode' in error ? error.statusCode : undefined;
  return {
    ...(code === undefined ? {} : { code }),
    ...(typeof status === 'number' ? { statusCode: status } : {}),
  };
}

/** ajv's messages name schema words and property names, never values. */
function validationIssues(error: unknown) {
  const found =
    typeof error === 'object' && error !== null && 'validation' in error ? error.validation : [];
  if (!Array.isArray(found)) return [];
  return found.slice(0, 20).map((one: { instancePath?: string; message?: string }) => ({
    severity: 'error' as const,
    code: 'invalid',
    expression: (one.instancePath ?? '').slice(1).replaceAll('/', '.'),
    text: one.message ?? 'is not as the schema says',
  }));
}
