import { randomUUID } from 'node:crypto';
import type { Seen } from '../../platform/http/server.ts';
import { clientSources, forgive } from './attempt.ts';
import { callerOf, principalOf, refuseProof } from './audited.ts';
import { accessGrant, type Grant } from './grant.ts';
import { later, type Means } from './means.ts';
import { unproven } from './problems.ts';
import { prove } from './proof.ts';
import { clearOldSessions, openSession } from './session.ts';

export type ClientCredentials = { clientId: string; secret: string };

/** RFC 6749 §4.4: an access token for a client, and no refresh token: it can ask again. */
export async function serviceToken(
  means: Means,
  credentials: ClientCredentials,
  seen: Seen,
): Promise<Grant> {
  const { clientId, secret } = credentials;
  const now = means.now();
  const sources = clientSources(means.mark, clientId, seen.ip);
  const nameHash = means.mark('client', clientId);
  const proof = await prove(means, { kind: 'client', nameHash, secret, sources }, now);
  if (!proof.proven) return refuseProof(means, 'auth.service-token-failed', proof, seen, now);

  const { tenant, tenantId, holder } = proof;
  const session = randomUUID();
  const expiresAt = later(now, means.lifetimes.accessTokenSeconds);
  const caller = callerOf(principalOf(tenant, session, holder), seen);
  await means.database.transaction(tenant, (tx) =>
    Promise.all([
      openSession(tx, { id: session, holder, createdAt: now, expiresAt }),
      clearOldSessions(tx, now),
      forgive(tx, sources),
      means.audit.write(tx, [
        { type: 'auth.service-token', action: 'E', outcome: 'success', caller },
      ]),
    ]),
  );
  return accessGrant(
    means,
    { tenant, tenantId, holder, session, sessionExpiresAt: expiresAt },
    now,
  );
}

/** RFC 7617 and RFC 6749 §2.3.1: id and secret are form-encoded inside Basic. */
export function basicCredentials(authorization: string): ClientCredentials {
  const encoded = /^basic ([\w+/=-]{1,4096})$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  if (at < 1) throw unproven('malformed', 'The Basic credential is malformed.');
  try {
    return {
      clientId: decodeURIComponent(text.slice(0, at).replaceAll('+', ' ')),
      secret: decodeURIComponent(text.slice(at + 1).replaceAll('+', ' ')),
    };
  } catch {
    throw unproven('malformed', 'The Basic credential is malformed.');
  }
}
