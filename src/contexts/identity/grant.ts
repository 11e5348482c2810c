import { issueAccessToken } from './access-token.ts';
import { earliest, later, type Means, secondsBetween } from './means.ts';
import type { Holder } from './session.ts';

/** The answer to a login, as the wire has it (RFC 6749 §5.1 and ours). */
export type Grant = {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  session_id: string;
  refresh_token?: string;
  refresh_expires_in?: number;
  user?: UserView;
};

export type UserView = {
  id: string;
  kind: 'user' | 'client';
  roles: readonly string[];
  tenant_id: string;
  patient_id?: string;
};

export function userView(holder: Holder, tenantId: string): UserView {
  const { kind, id, roles, patient } = holder;
  const own = patient === undefined ? {} : { patient_id: patient };
  return { id, kind, roles, tenant_id: tenantId, ...own };
}

export type Granted = {
  tenant: number;
  tenantId: string;
  holder: Holder;
  session: string;
  sessionExpiresAt: Date;
};

/** No access token outlives its session. */
export async function accessGrant(
  means: Means,
  granted: Granted,
  now: Date,
): Promise<Pick<Grant, 'access_token' | 'token_type' | 'expires_in' | 'session_id'>> {
  const { tenant, tenantId, holder, session } = granted;
  const wanted = later(now, means.lifetimes.accessTokenSeconds);
  const expiresAt = earliest(wanted, granted.sessionExpiresAt);
  const token = await issueAccessToken(means.keys, means.scope, {
    sub: holder.id,
    tenant: tenantId,
    tnum: tenant,
    kind: holder.kind,
    roles: holder.roles,
    sid: session,
    ...(holder.patient === undefined ? {} : { patient: holder.patient }),
    iat: Math.floor(now.getTime() / 1000),
    exp: Math.floor(expiresAt.getTime() / 1000),
  });
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: secondsBetween(now, expiresAt),
    session_id: session,
  };
}
