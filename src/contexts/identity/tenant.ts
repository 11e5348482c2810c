import { randomUUID } from 'node:crypto';
import type { Phi } from '#phi';
import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { taken } from './problems.ts';

/** A tenant and its key, both or neither. Throws VALIDATION_ERROR or NAME_TAKEN. */
export async function createTenant(
  parts: { database: Database; phi: Phi; now: () => Date },
  name: string,
): Promise<{ tenant: number; id: string }> {
  if (name.trim() === '' || name.length > 200) {
    refuse(kinds.validation, 'The name of a tenant has 1 to 200 characters.');
  }
  const id = randomUUID();
  const tenant = await nextNumber(parts.database);
  await parts.database.transaction(tenant, async (tx) => {
    const made = await tx.run(sql`
      insert into identity.tenant (number, id, name, created_at)
      values (${tenant}, ${id}, ${name}, ${parts.now()})
      on conflict (name) do nothing`);
    if (made === 0) throw taken('tenant name');
    await parts.phi.createTenant(tx);
  });
  return { tenant, id };
}

/** Taken first, because the key of a tenant is made by a transaction of that tenant. */
async function nextNumber(database: Database): Promise<number> {
  const row = await database.transaction(0, (tx) =>
    tx.row<{ number: bigint }>(sql`
      select nextval(pg_get_serial_sequence('identity.tenant', 'number')) as number`),
  );
  return Number(row?.number);
}

export async function listTenants(database: Database): Promise<readonly number[]> {
  const rows = await database.transaction(0, (tx) =>
    tx.rows<{ number: number }>(sql`select number from identity.tenant order by number`),
  );
  return rows.map((row) => row.number);
}

export async function findTenant(database: Database, name: string): Promise<number | undefined> {
  const row = await database.transaction(0, (tx) =>
    tx.row<{ number: number }>(sql`select number from identity.tenant where name = ${name}`),
  );
  return row?.number;
}

export async function tenantIdOf(database: Database, tenant: number): Promise<string | undefined> {
  const row = await database.transaction(0, (tx) =>
    tx.row<{ id: string }>(sql`select id from identity.tenant where number = ${tenant}`),
  );
  return row?.id;
}
