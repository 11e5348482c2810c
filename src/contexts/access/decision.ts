import type { Principal } from '../../platform/principal.ts';
import type { Group } from '../../standards/fhir/sensitivity.ts';

/** The RESTful interactions of FHIR R4 (http.html) that touch records. */
export const actions = [
  'read',
  'vread',
  'history',
  'search',
  'create',
  'update',
  'patch',
  'delete',
] as const;
export type Action = (typeof actions)[number];

/** `groups`: what of the record the caller may see. `because`: policy:line, for the audit. */
export type Decision =
  | { permit: true; groups: ReadonlySet<Group>; because: string }
  | { permit: false; because: string };

/** `all` still means: of the caller's tenant. `own`: of the caller's own patient compartment. */
export type Reach =
  | { kind: 'none'; because: string }
  | { kind: 'all' | 'own'; groups: ReadonlySet<Group>; because: string };

export type Access = {
  /**
   * One record. `own`: it belongs to the compartment of the caller's own Patient
   * (`principal.patient`); without such a patient it counts as false.
   * `purpose`: a v3-PurposeOfUse code. Never throws.
   */
  decide(
    principal: Principal,
    action: Action,
    type: string,
    own: boolean,
    purpose: string,
  ): Decision;
  /**
   * What a search (or any set) may return: the predicate to put on every alias of that type. Where
   * it says `all`, an own record may show more groups than named, never fewer: `decide` tells.
   */
  reach(principal: Principal, action: Action, type: string, purpose: string): Reach;
  /** Permissions that are not about records: 'audit.read', 'admin.accounts', 'metrics.read' … */
  permits(principal: Principal, permission: string): boolean;
};
