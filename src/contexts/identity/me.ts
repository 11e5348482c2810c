import type { Principal } from '../../platform/principal.ts';
import { readProfile } from './account.ts';
import { clientIdOf } from './client.ts';
import type { Means } from './means.ts';
import { permissionsOf } from './role.ts';
import { tenantIdOf } from './tenant.ts';

/** The part of the access door this context asks: app.ts hands it over. */
export type Permits = { permits(principal: Principal, permission: string): boolean };

/** What the policies may grant beyond records; a screen shows what it may offer. */
const grants = ['audit.read', 'audit.verify', 'admin.accounts', 'metrics.read'] as const;

export type Me = {
  id: string;
  kind: Principal['kind'];
  email?: string;
  name?: string;
  client_id?: string;
  roles: readonly string[];
  permissions: readonly string[];
  tenant_id: string;
  patient_id?: string;
  session_id: string;
};

export async function me(means: Means, principal: Principal): Promise<Me> {
  const { id, kind, roles, patient, session, tenant } = principal;
  const tenantId = await tenantIdOf(means.database, tenant);
  const own = await means.database.transaction(tenant, async (tx) => {
    const words = await permissionsOf(tx, roles);
    if (kind === 'client') return { words, client_id: await clientIdOf(tx, id) };
    return { words, ...(await readProfile(means, tx, id)) };
  });
  const { words, ...described } = own;
  const granted = grants.filter((one) => means.access.permits(principal, one));
  return {
    id,
    kind,
    ...described,
    roles,
    permissions: [...new Set([...words, ...granted])],
    tenant_id: tenantId ?? '',
    ...(patient === undefined ? {} : { patient_id: patient }),
    session_id: session,
  };
}
