import type { Database, Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { taken } from './problems.ts';

/** One text per address however it is typed: addresses are compared without case everywhere. */
export function normalEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

export type Found = {
  /** Of an unknown name the first tenant, the installation's own; undefined before that exists. */
  readonly tenant: number | undefined;
  readonly tenantId: string | undefined;
  readonly id: string | undefined;
};

/** Whose name this is. The same statement does the same work for a name nobody has. */
export async function findName(database: Database, nameHash: Buffer): Promise<Found> {
  const row = await database.transaction(0, (tx) =>
    tx.row<{ number: number; tenant_id: string; id: string | null }>(sql`
      select t.number, t.id as tenant_id, d.id
        from identity.tenant t
        left join identity.directory d on d.name_hash = ${nameHash}
       where t.number = coalesce(d.tenant, (select min(number) from identity.tenant))`),
  );
  return { tenant: row?.number, tenantId: row?.tenant_id, id: row?.id ?? undefined };
}

/** Throws NAME_TAKEN when any tenant has it: a login names no tenant. */
export async function enterName(
  tx: Transaction,
  name: { hash: Buffer; kind: 'account' | 'client'; id: string },
): Promise<void> {
  const entered = await tx.run(sql`
    insert into identity.directory (name_hash, kind, tenant, id)
    values (${name.hash}, ${name.kind}, ${tx.tenant}, ${name.id})
    on conflict do nothing`);
  if (entered === 0) throw taken(name.kind === 'account' ? 'e-mail address' : 'client id');
}
