import { type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import type { Unproven } from './problems.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What a token says of its bearer. RFC 9068 names; `tnum` is the tenant as rows carry it. */
export type AccessClaims = {
  iss: string;
  aud: string;
  sub: string;
  tenant: string;
  tnum: number;
  kind: 'user' | 'client';
  roles: readonly string[];
  sid: string;
  patient?: string;
  /** Seconds since 1970. */
  iat: number;
  exp: number;
  jti: string;
};

/** Who issues and for whom: a token of another installation or purpose is none here. */
export type TokenScope = { issuer: string; audience: string };

export type TokenReading =
  | { proven: true; claims: AccessClaims }
  | { proven: false; because: Unproven };

/** Clocks of two nodes differ; more than half a minute is a fault to notice. */
const LEEWAY_SECONDS = 30;
const TYPE = 'at+jwt';
const ALGORITHM = 'RS256';

export function issueAccessToken(
  keys: SigningKeys,
  scope: TokenScope,
  given: Omit<AccessClaims, 'iss' | 'aud' | 'jti'>,
): Promise<string> {
  const { kid, key } = keys.current;
  const claims = { iss: scope.issuer, aud: scope.audience, ...given, jti: randomUUID() };
  const text = `${encode({ alg: ALGORITHM, typ: TYPE, kid })}.${encode(claims)}`;
  // On the thread pool: a 2048-bit signature is 0.8 ms that would hold every other request.
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(text), key, (error, signature) => {
      if (error) reject(error);
      else resolve(`${text}.${signature.toString('base64url')}`);
    });
  });
}

/**
 * RFC 8725: the algorithm is ours to name, never the token's; then key, signature and only then the
 * claims. `now` in milliseconds.
 */
export function readAccessToken(
  keys: Pick<SigningKeys, 'verifying'>,
  scope: TokenScope,
  token: string,
  now: number,
): TokenReading {
  const [head, body, seal, extra] = token.split('.', 4);
  if (!head || !body || !seal || extra !== undefined) return not('malformed');
  const header = decode(head);
  const signature = bytes(seal);
  if (header === undefined || signature === undefined) return not('malformed');
  if (header['alg'] !== ALGORITHM) return not('algorithm');
  if (header['typ'] !== TYPE) return not('type');
  if ('crit' in header) return not('malformed');
  const kid = header['kid'];
  const key = typeof kid === 'string' ? keys.verifying.get(kid) : undefined;
  if (key === undefined) return not('key');
  if (!signed(token.slice(0, head.length + 1 + body.length), key, signature)) {
    return not('signature');
  }
  const claims = decode(body);
  return claims === undefined ? not('malformed') : judge(claims, scope, now / 1000);
}

function signed(text: string, key: KeyObject, signature: Buffer): boolean {
  return verify('sha256', Buffer.from(text, 'latin1'), key, signature);
}

function judge(claims: Record<string, unknown>, scope: TokenScope, now: number): TokenReading {
  if (claims['iss'] !== scope.issuer) return not('issuer');
  if (claims['aud'] !== scope.audience) return not('audience');
  const { exp, nbf, iat } = claims;
  if (typeof exp !== 'number' || typeof iat !== 'number') return not('claims');
  if (nbf !== undefined && typeof nbf !== 'number') return not('claims');
  if (exp + LEEWAY_SECONDS <= now) return not('expired');
  if (Math.max(nbf ?? 0, iat) > now + LEEWAY_SECONDS) return not('not-yet');
  return complete(claims) ? { proven: true, claims } : not('claims');
}

function complete(claims: Record<string, unknown>): claims is AccessClaims {
  const { sub, tenant, tnum, sid, kind, roles, patient } = claims;
  return (
    typeof sub === 'string' &&
    typeof tenant === 'string' &&
    typeof sid === 'string' &&
    Number.isInteger(tnum) &&
    (kind === 'user' || kind === 'client') &&
    Array.isArray(roles) &&
    (patient === undefined || typeof patient === 'string')
  );
}

function not(because: Unproven): TokenReading {
  return { proven: false, because };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Strict base64url (RFC 7515 §2): one text per value, so that nobody varies a token they saw. */
function bytes(part: string): Buffer | undefined {
  const buffer = Buffer.from(part, 'base64url');
  return buffer.toString('base64url') === part ? buffer : undefined;
}

function decode(part: string): Record<string, unknown> | undefined {
  const text = bytes(part)?.toString();
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
