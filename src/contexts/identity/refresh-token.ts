import { randomBytes } from 'node:crypto';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { BlindMark } from './blind-mark.ts';

/** Names its tenant, so that its row is found under row-level security; 256 random bits. */
export function newRefreshToken(tenant: number): string {
  return `mcr_${tenant}_${randomBytes(32).toString('base64url')}`;
}

export function tenantOfRefreshToken(token: string): number | undefined {
  const tenant = Number(/^mcr_(\d{1,10})_[\w-]{43}$/.exec(token)?.[1]);
  return tenant >= 1 && tenant <= 2_147_483_647 ? tenant : undefined;
}

/**
 * The next of the chain, computed from this one under the installation's key: asked twice it is the
 * same, and neither the table nor the old token alone tells it.
 */
export function successorOf(token: string, tenant: number, mark: BlindMark): string {
  return `mcr_${tenant}_${mark('refresh-successor', token).toString('base64url')}`;
}

export type RefreshToken = {
  readonly session: string;
  readonly generation: number;
  readonly expiresAt: Date;
  readonly usedAt: Date | undefined;
  readonly usedBy: Buffer | undefined;
};

/** A lost answer is asked for again within seconds; a stolen token rarely is (RFC 9700 §4.14.2). */
const GRACE_MS = 10_000;

export type RefreshJudgement = 'rotate' | 'repeat' | 'reused' | 'expired';

/** What presenting this token means; `by` is the device's mark. */
export function judgeRefresh(
  token: RefreshToken,
  successorUsed: boolean,
  by: Buffer,
  now: Date,
): RefreshJudgement {
  if (token.usedAt === undefined) return token.expiresAt > now ? 'rotate' : 'expired';
  const late = now.getTime() - token.usedAt.getTime() > GRACE_MS;
  const other = token.usedBy === undefined || !token.usedBy.equals(by);
  return late || other || successorUsed ? 'reused' : 'repeat';
}

export async function keepRefreshToken(
  tx: Transaction,
  token: { hash: Buffer; session: string; generation: number; expiresAt: Date },
): Promise<void> {
  await tx.run(sql`
    insert into identity.refresh_token (tenant, token_hash, session, generation, expires_at)
    values (${tx.tenant}, ${token.hash}, ${token.session}, ${token.generation},
            ${token.expiresAt})`);
}

type Row = {
  session: string;
  generation: number;
  expires_at: Date;
  used_at: Date | null;
  used_by: Buffer | null;
};

/** Locked with its session, the same lock a logout takes: refresh and revocation have an order. */
export async function lockRefreshToken(
  tx: Transaction,
  hash: Buffer,
): Promise<RefreshToken | undefined> {
  const row = await tx.row<Row>(sql`
    select t.session, t.generation, t.expires_at, t.used_at, t.used_by
      from identity.refresh_token t
      join identity.session s on s.tenant = t.tenant and s.id = t.session
     where t.tenant = ${tx.tenant} and t.token_hash = ${hash}
       for update`);
  if (row === undefined) return undefined;
  return {
    session: row.session,
    generation: row.generation,
    expiresAt: row.expires_at,
    usedAt: row.used_at ?? undefined,
    usedBy: row.used_by ?? undefined,
  };
}

export async function readSuccessor(
  tx: Transaction,
  token: RefreshToken,
): Promise<{ used: boolean; expiresAt: Date } | undefined> {
  const row = await tx.row<{ expires_at: Date; used_at: Date | null }>(sql`
    select expires_at, used_at from identity.refresh_token
     where tenant = ${tx.tenant} and session = ${token.session}
       and generation = ${token.generation + 1}`);
  return row && { used: row.used_at !== null, expiresAt: row.expires_at };
}

/** Returns false when it was used meanwhile. */
export async function useRefreshToken(
  tx: Transaction,
  hash: Buffer,
  by: Buffer,
  now: Date,
): Promise<boolean> {
  const used = await tx.run(sql`
    update identity.refresh_token set used_at = ${now}, used_by = ${by}
     where tenant = ${tx.tenant} and token_hash = ${hash} and used_at is null`);
  return used === 1;
}
