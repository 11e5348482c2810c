import { kinds, Problem, type ProblemKind } from '../../platform/problem.ts';
import {
  type TerminologyFault,
  TerminologyRefused,
} from '../../standards/fhir/terminology/refused.ts';

/** What terminology refuses with, beyond the kinds every door knows. */
export const terminologyKinds = {
  ...kinds,
  unknown: { status: 404, code: 'TERMINOLOGY_UNKNOWN', issue: 'not-found' },
  /** The question is understood; what its answer would need is not held here. */
  notHeld: { status: 422, code: 'TERMINOLOGY_NOT_HELD', issue: 'not-found' },
  codeInvalid: { status: 422, code: 'CODE_INVALID', issue: 'code-invalid' },
  tooCostly: { status: 422, code: 'TOO_COSTLY', issue: 'too-costly' },
  notSupported: { status: 422, code: 'NOT_SUPPORTED', issue: 'not-supported' },
  definition: { status: 422, code: 'DEFINITION_INVALID', issue: 'invalid' },
  missing: { status: 400, code: 'PARAMETER_MISSING', issue: 'required' },
  parameter: { status: 400, code: 'PARAMETER_INVALID', issue: 'invalid' },
} as const satisfies Record<string, ProblemKind>;

const byFault: Readonly<Record<TerminologyFault, ProblemKind>> = {
  'code-invalid': terminologyKinds.codeInvalid,
  invalid: terminologyKinds.definition,
  'not-found': terminologyKinds.notHeld,
  'not-supported': terminologyKinds.notSupported,
  'too-costly': terminologyKinds.tooCostly,
};

/** What the pure half refuses, as callers read it; everything else as it is. */
export function asTerminologyProblem(error: unknown): unknown {
  if (!(error instanceof TerminologyRefused)) return error;
  return new Problem(byFault[error.fault], error.message, { cause: error });
}
