import type { Principal } from '../../platform/principal.ts';
import { kinds } from '../../platform/problem.ts';

export const auditKinds = {
  noCheckpoint: kinds.notFound,
  unknownCursor: { ...kinds.validation, code: 'INVALID_CURSOR' },
} as const;

/** Of the decision point, what this context asks: permissions that are not about records. */
export type Permits = { permits(principal: Principal, permission: string): boolean };
