import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { unknownRole } from './problems.ts';

/** Throws VALIDATION_ERROR for the first name that is no role. */
export async function requireRoles(tx: Transaction, roles: readonly string[]): Promise<void> {
  const rows = await tx.rows<{ name: string }>(sql`select name from identity.role`);
  const known = new Set(rows.map((row) => row.name));
  const unknown = roles.find((role) => !known.has(role));
  if (unknown !== undefined) throw unknownRole(unknown);
}

/** The words of these roles, each once, in order. */
export async function permissionsOf(
  tx: Transaction,
  roles: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.rows<{ permission: string }>(sql`
    select distinct unnest(permissions) as permission from identity.role
     where name = any(${[...roles]}::text[]) order by 1`);
  return rows.map((row) => row.permission);
}
