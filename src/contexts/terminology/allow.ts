import type { Access } from '#access';
import type { Audit } from '#audit';
import type { Caller } from '../../platform/principal.ts';
import { kinds, refuse } from '../../platform/problem.ts';

export type Doors = { readonly access: Access; readonly audit: Audit };

/** Who may ask about definitions of that type. undefined: allowed; else the refusal, audited. */
export function denied(
  { access, audit }: Doors,
  caller: Caller,
  type: string,
): Promise<never> | undefined {
  const reach = access.reach(caller.principal, 'read', type, caller.purpose);
  return reach.kind === 'all' ? undefined : refusal(audit, { caller, type, ...reach });
}

type Refused = { caller: Caller; type: string; because: string };

async function refusal(audit: Audit, { caller, type, because }: Refused): Promise<never> {
  await audit.release(caller.principal.tenant, [
    {
      ...{ type: 'access.denied', action: 'E', outcome: 'denied', caller, because },
      resourceType: type,
      note: { attempted: 'read' },
    },
  ]);
  return refuse(kinds.authorizationDenied, `Your roles do not allow this on ${type}.`);
}
