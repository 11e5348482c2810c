import { randomUUID } from 'node:crypto';
import type { Seen } from '../../platform/http/server.ts';
import { forgive, loginSources } from './attempt.ts';
import { callerOf, principalOf, refuseProof } from './audited.ts';
import { normalEmail } from './directory.ts';
import { accessGrant, type Grant, userView } from './grant.ts';
import { earliest, later, type Means, secondsBetween } from './means.ts';
import { prove } from './proof.ts';
import { keepRefreshToken, newRefreshToken } from './refresh-token.ts';
import { clearOldSessions, openSession } from './session.ts';

export type LoginRequest = { email: string; password: string; device?: string | undefined };

/**
 * Opens a session for the account this e-mail and password prove.
 * Throws AUTHENTICATION_REQUIRED or TOO_MANY_ATTEMPTS, each after its audit row is durable.
 */
export async function login(means: Means, request: LoginRequest, seen: Seen): Promise<Grant> {
  const { mark, lifetimes } = means;
  const now = means.now();
  const email = normalEmail(request.email);
  const sources = loginSources(mark, email, seen.ip);
  const claim = { kind: 'user' as const, nameHash: mark('account', email), sources };
  const proof = await prove(means, { ...claim, secret: request.password }, now);
  if (!proof.proven) return refuseProof(means, 'auth.login-failed', proof, seen, now);

  const { tenant, tenantId, holder } = proof;
  const session = randomUUID();
  const refreshToken = newRefreshToken(tenant);
  const sessionExpiresAt = later(now, lifetimes.sessionSeconds);
  const expiresAt = earliest(later(now, lifetimes.sessionIdleSeconds), sessionExpiresAt);
  const device = request.device === undefined ? {} : { device: mark('device', request.device) };
  const caller = callerOf(principalOf(tenant, session, holder), seen);
  await means.database.transaction(tenant, (tx) =>
    Promise.all([
      openSession(tx, {
        id: session,
        holder,
        ...device,
        createdAt: now,
        expiresAt: sessionExpiresAt,
      }),
      keepRefreshToken(tx, {
        hash: mark('refresh-token', refreshToken),
        session,
        generation: 1,
        expiresAt,
      }),
      clearOldSessions(tx, now),
      forgive(tx, sources),
      means.audit.write(tx, [{ type: 'auth.login', action: 'E', outcome: 'success', caller }]),
    ]),
  );
  const granted = { tenant, tenantId, holder, session, sessionExpiresAt };
  return {
    ...(await accessGrant(means, granted, now)),
    refresh_token: refreshToken,
    refresh_expires_in: secondsBetween(now, expiresAt),
    user: userView(holder, tenantId),
  };
}
