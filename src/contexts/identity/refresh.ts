import type { Seen } from '../../platform/http/server.ts';
import type { Transaction } from '../../platform/postgres/database.ts';
import { callerOf, principalOf } from './audited.ts';
import type { Bearer } from './bearer.ts';
import { accessGrant, type Grant, userView } from './grant.ts';
import { earliest, later, type Means, secondsBetween } from './means.ts';
import { type Unproven, unproven } from './problems.ts';
import {
  judgeRefresh,
  keepRefreshToken,
  lockRefreshToken,
  type RefreshToken,
  readSuccessor,
  successorOf,
  tenantOfRefreshToken,
  useRefreshToken,
} from './refresh-token.ts';
import { endSession, readSession, type Session } from './session.ts';
import { tenantIdOf } from './tenant.ts';

export type RefreshRequest = { token: string; device?: string | undefined };

type Outcome = { session: Session; expiresAt: Date } | { refused: Unproven; ended?: string };

/**
 * The next access and refresh token. Within seconds the same device gets the same answer again; any
 * other second use ends the session (RFC 9700 §4.14.2). Throws AUTHENTICATION_REQUIRED.
 */
export async function refresh(
  means: Means,
  bearer: Bearer,
  request: RefreshRequest,
  seen: Seen,
): Promise<Grant> {
  const now = means.now();
  const tenant = tenantOfRefreshToken(request.token);
  if (tenant === undefined) throw refused('refresh-token');
  const next = successorOf(request.token, tenant, means.mark);
  const outcome = await means.database.transaction(tenant, (tx) =>
    rotate(means, tx, { ...request, next, seen, now }),
  );
  if ('refused' in outcome) {
    if (outcome.ended !== undefined) bearer.end(outcome.ended);
    throw refused(outcome.refused);
  }
  const { session, expiresAt } = outcome;
  const tenantId = await tenantIdOf(means.database, tenant);
  if (tenantId === undefined) throw refused('refresh-token');
  const { holder } = session;
  const sessionExpiresAt = session.expiresAt;
  const granted = { tenant, tenantId, holder, session: session.id, sessionExpiresAt };
  return {
    ...(await accessGrant(means, granted, now)),
    refresh_token: next,
    refresh_expires_in: secondsBetween(now, expiresAt),
    user: userView(holder, tenantId),
  };
}

type Rotation = RefreshRequest & { next: string; seen: Seen; now: Date };

async function rotate(means: Means, tx: Transaction, asked: Rotation): Promise<Outcome> {
  const { seen, now } = asked;
  const hash = means.mark('refresh-token', asked.token);
  const token = await lockRefreshToken(tx, hash);
  if (token === undefined) return { refused: 'refresh-token' };
  const session = await readSession(tx, token.session);
  if (session === undefined || session.ended) return { refused: 'session-ended' };
  if (session.expiresAt <= now) return { refused: 'expired' };
  const device = asked.device === undefined ? undefined : means.mark('device', asked.device);
  if (device && session.device && !device.equals(session.device)) return { refused: 'device' };
  // Without a device id, the address and the program asking are the best we know of the device.
  const by = device ?? means.mark('device', `${seen.ip}\0${seen.agent}`);
  const successor = token.usedAt === undefined ? undefined : await readSuccessor(tx, token);
  const judgement = judgeRefresh(token, successor?.used !== false, by, now);
  if (judgement === 'expired') return { refused: 'expired' };
  if (judgement === 'reused') return reused(means, tx, session, asked);
  if (judgement === 'repeat' && successor) return { session, expiresAt: successor.expiresAt };
  return follow(means, tx, { session, token, hash, by, asked });
}

async function follow(
  means: Means,
  tx: Transaction,
  step: { session: Session; token: RefreshToken; hash: Buffer; by: Buffer; asked: Rotation },
): Promise<Outcome> {
  const { session, token, hash, by, asked } = step;
  const idle = later(asked.now, means.lifetimes.sessionIdleSeconds);
  const expiresAt = earliest(idle, session.expiresAt);
  const generation = token.generation + 1;
  const next = means.mark('refresh-token', asked.next);
  const caller = callerOf(principalOf(tx.tenant, session.id, session.holder), asked.seen);
  const [first] = await Promise.all([
    useRefreshToken(tx, hash, by, asked.now),
    keepRefreshToken(tx, { hash: next, session: session.id, generation, expiresAt }),
    means.audit.write(tx, [{ type: 'auth.refresh', action: 'E', outcome: 'success', caller }]),
  ]);
  if (!first) throw new Error('a locked refresh token was used by someone else');
  return { session, expiresAt };
}

async function reused(
  means: Means,
  tx: Transaction,
  session: Session,
  asked: Rotation,
): Promise<Outcome> {
  const caller = callerOf(principalOf(tx.tenant, session.id, session.holder), asked.seen);
  await endSession(tx, session.id, 'refresh-token-reused', asked.now);
  await means.audit.write(tx, [
    {
      type: 'auth.refresh-reused',
      action: 'E',
      outcome: 'denied',
      caller,
      because: 'refresh-token-reused',
    },
  ]);
  return { refused: 'refresh-token-reused', ended: session.id };
}

function refused(reason: Unproven) {
  return unproven(reason, 'The refresh token is not accepted; log in again.');
}
