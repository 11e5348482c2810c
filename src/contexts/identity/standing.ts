import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { Principal } from '../../platform/principal.ts';

type Row = { roles: string[]; patient: string | null };

/**
 * Who an account or client is now, for what the program does on their behalf while they are away;
 * undefined when it is disabled or gone. `session` names the work.
 */
export async function standingOf(
  database: Database,
  holder: Pick<Principal, 'tenant' | 'kind' | 'id' | 'session'>,
): Promise<Principal | undefined> {
  const { tenant, kind, id } = holder;
  const row = await database.transaction(tenant, (tx) =>
    tx.row<Row>(
      kind === 'user'
        ? sql`select to_json(roles) as roles, patient from identity.account
               where tenant = ${tenant} and id = ${id} and disabled_at is null`
        : sql`select to_json(roles) as roles, null as patient from identity.client
               where tenant = ${tenant} and id = ${id} and disabled_at is null`,
    ),
  );
  if (row === undefined) return undefined;
  const { roles, patient } = row;
  return { ...holder, roles, ...(patient === null ? {} : { patient }) };
}
