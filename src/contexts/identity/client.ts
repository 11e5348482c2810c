import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { enterName } from './directory.ts';
import type { Means } from './means.ts';
import { refusedPassword } from './problems.ts';
import { requireRoles } from './role.ts';

export type NewClient = { clientId: string; secret: string; roles: readonly string[] };

/** Machines remember well: no reason for a short secret. */
const LEAST_SECRET = 16;

/** Throws VALIDATION_ERROR, PASSWORD_REFUSED or NAME_TAKEN. */
export async function createClient(
  means: Means,
  tenant: number,
  client: NewClient,
): Promise<{ id: string }> {
  const { clientId, secret, roles } = client;
  if (!/^[\w.-]{1,128}$/.test(clientId)) {
    refuse(kinds.validation, 'A client id is 1 to 128 letters, digits, ".", "_" or "-".');
  }
  if (secret.length < LEAST_SECRET || secret.length > 256) {
    throw refusedPassword('too-short', `A client secret has ${LEAST_SECRET} to 256 characters.`);
  }
  const secretHash = await means.hasher.turn(() => means.hasher.hash(secret));
  const id = randomUUID();
  await means.database.transaction(tenant, async (tx) => {
    await requireRoles(tx, roles);
    await enterName(tx, { hash: means.mark('client', clientId), kind: 'client', id });
    await tx.run(sql`
      insert into identity.client (tenant, id, client_id, secret_hash, roles, created_at)
      values (${tenant}, ${id}, ${clientId}, ${secretHash}, ${[...roles]}::text[],
              ${means.now()})`);
    await means.audit.write(tx, [
      {
        type: 'client.create',
        action: 'C',
        outcome: 'success',
        caller: { ip: 'local', agent: 'medconnect', correlation: randomUUID() },
        note: { client: id, roles: [...roles] },
      },
    ]);
  });
  return { id };
}

export async function clientIdOf(tx: Transaction, id: string): Promise<string | undefined> {
  const row = await tx.row<{ client_id: string }>(sql`
    select client_id from identity.client where tenant = ${tx.tenant} and id = ${id}`);
  return row?.client_id;
}
