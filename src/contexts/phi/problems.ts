import type { ProblemKind } from '../../platform/problem.ts';

export const phiKinds = {
  sealBroken: { status: 500, code: 'SEAL_BROKEN', issue: 'exception' },
  keyMissing: { status: 500, code: 'KEY_MISSING', issue: 'exception' },
  erased: { status: 410, code: 'ERASED', issue: 'deleted' },
} as const satisfies Record<string, ProblemKind>;
