import { randomUUID } from 'node:crypto';
import type { SubjectKey } from '#phi';
import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { enterName, normalEmail } from './directory.ts';
import type { Means } from './means.ts';
import { checkPassword } from './password.ts';
import { requireRoles } from './role.ts';

export type NewAccount = {
  email: string;
  password: string;
  name?: string;
  roles: readonly string[];
  /** Logical id of the Patient this account is. */
  patient?: string;
  /** A sandbox's own rule instead of the fifteen characters and the list of guessable words. */
  minimumLength?: number;
};

/**
 * Throws VALIDATION_ERROR, PASSWORD_REFUSED or NAME_TAKEN; none quotes what was given. The audit
 * row names the program, not a person: accounts are made by commands until their API exists.
 */
export async function createAccount(
  means: Means,
  tenant: number,
  account: NewAccount,
): Promise<{ id: string }> {
  const email = normalEmail(account.email);
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    refuse(kinds.validation, 'This is not an e-mail address.');
  }
  checkPassword(account.password, email, account.minimumLength);
  const passwordHash = await means.hasher.turn(() => means.hasher.hash(account.password));
  const id = randomUUID();
  await means.database.transaction(tenant, async (tx) => {
    await requireRoles(tx, account.roles);
    await enterName(tx, { hash: means.mark('account', email), kind: 'account', id });
    const key = (await means.phi.keys(tx, [0n], 'make')).of(0n);
    const name = account.name === undefined ? null : seal(key, account.name, `${id}/name`);
    await tx.run(sql`
      insert into identity.account
        (tenant, id, email, name, password_hash, roles, patient, created_at)
      values (${tenant}, ${id}, ${seal(key, email, `${id}/email`)}, ${name}, ${passwordHash},
              ${[...account.roles]}::text[], ${account.patient ?? null}, ${means.now()})`);
    await means.audit.write(tx, [
      {
        type: 'account.create',
        action: 'C',
        outcome: 'success',
        caller: { ip: 'local', agent: 'medconnect', correlation: randomUUID() },
        note: { account: id, roles: [...account.roles] },
      },
    ]);
  });
  return { id };
}

export type Profile = { email: string; name: string | undefined };

/** The sealed fields of one account, opened; undefined when there is no such account. */
export async function readProfile(
  means: Means,
  tx: Transaction,
  id: string,
): Promise<Profile | undefined> {
  const row = await tx.row<{ email: Buffer; name: Buffer | null }>(sql`
    select email, name from identity.account where tenant = ${tx.tenant} and id = ${id}`);
  if (row === undefined) return undefined;
  const key = (await means.phi.keys(tx, [0n], 'refuse')).of(0n);
  return {
    email: key.open(row.email, context(`${id}/email`)).toString(),
    name: row.name === null ? undefined : key.open(row.name, context(`${id}/name`)).toString(),
  };
}

function seal(key: SubjectKey, value: string, field: string): Buffer {
  return key.seal(Buffer.from(value), context(field));
}

function context(field: string): string {
  return `identity.account/${field}`;
}
