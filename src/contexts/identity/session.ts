import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';

/** An account or a client, as its row is now. */
export type Holder = {
  readonly kind: 'user' | 'client';
  readonly id: string;
  readonly roles: readonly string[];
  readonly patient?: string;
};

export type Session = {
  readonly id: string;
  readonly expiresAt: Date;
  /** Ended by logout or reuse, or its holder is disabled. */
  readonly ended: boolean;
  readonly device: Buffer | undefined;
  readonly holder: Holder;
};

export async function openSession(
  tx: Transaction,
  session: {
    id: string;
    holder: Holder;
    device?: Buffer;
    createdAt: Date;
    expiresAt: Date;
  },
): Promise<void> {
  const { id, holder, device, createdAt, expiresAt } = session;
  const account = holder.kind === 'user' ? holder.id : null;
  const client = holder.kind === 'client' ? holder.id : null;
  await tx.run(sql`
    insert into identity.session (tenant, id, account, client, device_hash, created_at, expires_at)
    values (${tx.tenant}, ${id}, ${account}, ${client}, ${device ?? null},
            ${createdAt}, ${expiresAt})`);
}

/** Returns whether this call ended it; one that is over already stays as it was. */
export async function endSession(
  tx: Transaction,
  id: string,
  because: 'logout' | 'refresh-token-reused',
  now: Date,
): Promise<boolean> {
  const ended = await tx.run(sql`
    update identity.session set revoked_at = ${now}, revoked_because = ${because}
     where tenant = ${tx.tenant} and id = ${id} and revoked_at is null`);
  return ended > 0;
}

type Row = {
  expires_at: Date;
  revoked_at: Date | null;
  device_hash: Buffer | null;
  account: string | null;
  holder: string;
  roles: string[];
  patient: string | null;
  disabled_at: Date | null;
};

/** The session with its holder's roles as they are now, not as they were at login. */
export async function readSession(tx: Transaction, id: string): Promise<Session | undefined> {
  const row = await tx.row<Row>(sql`
    select s.expires_at, s.revoked_at, s.device_hash, s.account,
           coalesce(s.account, s.client) as holder,
           to_json(coalesce(a.roles, c.roles)) as roles, a.patient,
           coalesce(a.disabled_at, c.disabled_at) as disabled_at
      from identity.session s
      left join identity.account a on a.tenant = s.tenant and a.id = s.account
      left join identity.client c on c.tenant = s.tenant and c.id = s.client
     where s.tenant = ${tx.tenant} and s.id = ${id}`);
  if (row === undefined) return undefined;
  return {
    id,
    expiresAt: row.expires_at,
    ended: row.revoked_at !== null || row.disabled_at !== null,
    device: row.device_hash ?? undefined,
    holder: {
      kind: row.account === null ? 'client' : 'user',
      id: row.holder,
      roles: row.roles,
      ...(row.patient === null ? {} : { patient: row.patient }),
    },
  };
}

const KEPT_DAYS = 30;

/** Each new session clears up to twenty long-gone ones, so the table keeps its size by itself. */
export async function clearOldSessions(tx: Transaction, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  await tx.run(sql`
    delete from identity.session where tenant = ${tx.tenant} and id in (
      select id from identity.session where tenant = ${tx.tenant} and expires_at < ${before}
       order by expires_at limit 20 for update skip locked)`);
}
