import type { Audit } from '#audit';
import type { Phi } from '#phi';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { TokenScope } from './access-token.ts';
import type { BlindMark } from './blind-mark.ts';
import type { Permits } from './me.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What the interactions of this context work with, opened once. */
export type Means = {
  readonly database: Database;
  readonly phi: Phi;
  readonly audit: Audit;
  readonly access: Permits;
  readonly keys: SigningKeys;
  readonly mark: BlindMark;
  readonly hasher: PasswordHasher;
  readonly scope: TokenScope;
  readonly lifetimes: Lifetimes;
  readonly log: Log;
  readonly now: () => Date;
};

export type Lifetimes = {
  readonly accessTokenSeconds: number;
  /** A session unused for so long needs a new login: a refresh token lives no longer. */
  readonly sessionIdleSeconds: number;
  /** However busy it is (NIST SP 800-63B-4 §2.2.3). */
  readonly sessionSeconds: number;
};

export function later(from: Date, seconds: number): Date {
  return new Date(from.getTime() + seconds * 1000);
}

export function earliest(one: Date, other: Date): Date {
  return one < other ? one : other;
}

export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000));
}
