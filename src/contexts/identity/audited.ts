import type { AuditEntry } from '#audit';
import type { Seen } from '../../platform/http/server.ts';
import type { Caller, Principal } from '../../platform/principal.ts';
import type { Means } from './means.ts';
import { pace } from './pace.ts';
import { tooMany, wrongCredentials } from './problems.ts';
import type { Proof } from './proof.ts';
import type { Holder } from './session.ts';

export function principalOf(tenant: number, session: string, holder: Holder): Principal {
  return { tenant, session, ...holder };
}

/** v3-PurposeOfUse HOPERAT: proving who one is serves running the place, not yet a treatment. */
export function callerOf(principal: Principal, seen: Seen): Caller {
  const { ip, agent, correlation } = seen;
  return { principal, ip, agent, correlation, purpose: 'HOPERAT' };
}

/** Audits a failed proof durably, then throws what the caller may know of it. */
export async function refuseProof(
  means: Means,
  type: 'auth.login-failed' | 'auth.service-token-failed',
  proof: Extract<Proof, { proven: false }>,
  seen: Seen,
  now: Date,
): Promise<never> {
  const { ip, agent, correlation } = seen;
  const entry: AuditEntry = {
    type,
    action: 'E',
    outcome: 'denied',
    caller: { ip, agent, correlation, ...(proof.id === undefined ? {} : { account: proof.id }) },
    because: proof.because,
  };
  if (proof.tenant === undefined) means.log.warn({ correlation }, 'a login, but no tenant yet');
  else {
    const locks = proof.locks === true ? [{ ...entry, type: 'auth.lockout' }] : [];
    await means.audit.release(proof.tenant, [entry, ...locks]);
  }
  await pace(proof.since);
  if (proof.blockedUntil !== undefined) throw tooMany(proof.blockedUntil, now);
  throw wrongCredentials();
}
