import { hash } from 'node:crypto';
import type { Principal } from '../../platform/principal.ts';
import { type AccessClaims, readAccessToken } from './access-token.ts';
import { keepNewest } from './keep-newest.ts';
import { openLiveSessions } from './live-session.ts';
import type { Means } from './means.ts';
import { type Unproven, unproven } from './problems.ts';

export type Bearer = {
  /** From an Authorization header to who calls; throws AUTHENTICATION_REQUIRED with a reason. */
  authenticate(authorization: string | undefined): Promise<Principal>;
  check(token: string): Promise<Checked>;
  /** From now on this process refuses the session's tokens. */
  end(session: string): void;
};

export type Checked =
  | { valid: true; principal: Principal; claims: AccessClaims }
  | { valid: false; reason: Unproven };

/** About 1 KB each. Beyond it the oldest is verified again, which costs 40 µs. */
const TOKENS = 10_000;
/** Nothing we issue comes near it; a longer one is refused before any work. */
const MOST_CHARACTERS = 8192;

/**
 * Roles and patient come from the session's rows, not from the token: a change counts within half a
 * minute instead of at expiry.
 */
export function openBearer(means: Means): Bearer {
  const tokens = new Map<string, AccessClaims>();
  const sessions = openLiveSessions(means.database);

  function claimsOf(token: string, now: number): AccessClaims | Unproven {
    if (token.length > MOST_CHARACTERS) return 'malformed';
    const key = hash('sha256', token, 'base64');
    const known = tokens.get(key);
    if (known !== undefined && known.exp * 1000 > now) return known;
    const reading = readAccessToken(means.keys, means.scope, token, now);
    if (!reading.proven) {
      tokens.delete(key);
      return reading.because;
    }
    keepNewest(tokens, key, reading.claims, TOKENS);
    return reading.claims;
  }

  async function check(token: string): Promise<Checked> {
    const now = means.now().getTime();
    const claims = claimsOf(token, now);
    if (typeof claims === 'string') return { valid: false, reason: claims };
    const session = await sessions.of(claims, now);
    if (session === undefined || session.ended) return { valid: false, reason: 'session-ended' };
    if (session.expiresAt <= now) return { valid: false, reason: 'expired' };
    return { valid: true, principal: session.principal, claims };
  }

  return {
    check,
    async authenticate(authorization) {
      const checked = await check(bearerToken(authorization));
      if (checked.valid) return checked.principal;
      throw unproven(
        checked.reason,
        sentences[checked.reason] ?? 'This token is not one of ours, or not for this.',
      );
    },
    end: sessions.end,
  };
}

const sentences: Partial<Record<Unproven, string>> = {
  expired: 'The token has expired; refresh it or log in again.',
  'session-ended': 'The session has ended; log in again.',
  malformed: 'This is not a token.',
};

/** RFC 6750 §2.1; the scheme's name is not case-sensitive. */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw unproven('missing', 'Send a token: Authorization: Bearer ….');
  }
  if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') {
    throw unproven('malformed', 'The Authorization header is not of the form Bearer ….');
  }
  return authorization.slice(7);
}
