import { kinds, Problem, type ProblemKind } from '../../platform/problem.ts';

const tooManyAttempts = { status: 429, code: 'TOO_MANY_ATTEMPTS', issue: 'throttled' };
const passwordRefused = { status: 422, code: 'PASSWORD_REFUSED', issue: 'business-rule' };
const nameTaken = { status: 409, code: 'NAME_TAKEN', issue: 'duplicate' };

/** Why a credential proves nothing; the caller reads it in `details.reason`. */
export type Unproven =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'type'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'not-yet'
  | 'expired'
  | 'session-ended'
  | 'credentials'
  | 'refresh-token'
  | 'refresh-token-reused'
  | 'device';

export function unproven(reason: Unproven, detail: string): Problem {
  return new Problem(kinds.authenticationRequired, detail, { details: { reason } });
}

/** One sentence for an unknown name and for a wrong secret: neither tells which names exist. */
export function wrongCredentials(): Problem {
  return unproven('credentials', 'The name or the secret is wrong.');
}

export function tooMany(until: Date, now: Date): Problem {
  const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return new Problem(tooManyAttempts, 'Too many failed attempts; wait before the next one.', {
    details: { retry_after: seconds },
    headers: { 'retry-after': String(seconds) },
  });
}

export function refusedPassword(because: string, detail: string): Problem {
  return new Problem(passwordRefused, detail, { details: { reason: because } });
}

export function taken(what: string): Problem {
  return new Problem(nameTaken as ProblemKind, `This ${what} is in use already.`);
}

export function unknownRole(role: string): Problem {
  return new Problem(kinds.validation, `There is no role "${role.slice(0, 64)}".`);
}

export function busy(): Problem {
  return new Problem(kinds.unavailable, 'Too many logins at once; try again shortly.', {
    headers: { 'retry-after': '2' },
  });
}
