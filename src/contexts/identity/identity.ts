import type { Audit } from '#audit';
import type { Phi } from '#phi';
import type { Route } from '../../platform/http/route.ts';
import type { Seen } from '../../platform/http/server.ts';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { Principal } from '../../platform/principal.ts';
import { createAccount, type NewAccount } from './account.ts';
import { openBearer } from './bearer.ts';
import { type BlindMark, blindMark } from './blind-mark.ts';
import { createClient, type NewClient } from './client.ts';
import type { Permits } from './me.ts';
import type { Lifetimes, Means } from './means.ts';
import { openPasswordHasher } from './password-hash.ts';
import { identityRoutes } from './routes.ts';
import type { SigningKeys } from './signing-keys.ts';
import { standingOf } from './standing.ts';
import { createTenant, findTenant, listTenants } from './tenant.ts';

export type Identity = {
  /** From the Authorization header to who calls; throws AUTHENTICATION_REQUIRED with a reason. */
  authenticate(authorization: string | undefined, seen: Seen): Promise<Principal>;
  /** /api/v1/auth/* and /.well-known/jwks.json. */
  readonly routes: readonly Route[];
  /** A tenant and its keys, both or neither. Throws NAME_TAKEN. */
  createTenant(name: string): Promise<{ tenant: number; id: string }>;
  /** Throws VALIDATION_ERROR, PASSWORD_REFUSED or NAME_TAKEN. */
  createAccount(tenant: number, account: NewAccount): Promise<{ id: string }>;
  /** Throws VALIDATION_ERROR, PASSWORD_REFUSED or NAME_TAKEN. */
  createClient(tenant: number, client: NewClient): Promise<{ id: string }>;
  /** Who an account or client is now, on whose behalf we work; undefined: disabled or gone. */
  standing(
    holder: Pick<Principal, 'tenant' | 'kind' | 'id' | 'session'>,
  ): Promise<Principal | undefined>;
  tenants(): Promise<readonly number[]>;
  findTenant(name: string): Promise<number | undefined>;
};

export type IdentityParts = {
  database: Database;
  phi: Phi;
  audit: Audit;
  access: Permits;
  keys: SigningKeys;
  log: Log;
  /** The `iss` of tokens, as clients reach us. */
  issuer?: string;
  now?: () => Date;
} & Partial<Lifetimes>;

/** NIST SP 800-63B-4 §2.2.3 (AAL2): half an hour idle, half a day at most. */
const lifetimes: Lifetimes = {
  accessTokenSeconds: 15 * 60,
  sessionIdleSeconds: 30 * 60,
  sessionSeconds: 12 * 60 * 60,
};

/** Throws a plain sentence when the keys are not those this database was made with. */
export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const { database, keys, now = () => new Date() } = parts;
  const mark = blindMark(keys.derive('marks'));
  await proveKeys(database, mark);
  const means: Means = {
    ...parts,
    now,
    mark,
    hasher: await openPasswordHasher(keys.derive('pepper')),
    scope: { issuer: parts.issuer ?? 'medconnect', audience: 'medconnect' },
    lifetimes: {
      accessTokenSeconds: parts.accessTokenSeconds ?? lifetimes.accessTokenSeconds,
      sessionIdleSeconds: parts.sessionIdleSeconds ?? lifetimes.sessionIdleSeconds,
      sessionSeconds: parts.sessionSeconds ?? lifetimes.sessionSeconds,
    },
  };
  const bearer = openBearer(means);
  return {
    authenticate: (authorization) => bearer.authenticate(authorization),
    routes: identityRoutes(means, bearer),
    createTenant: (name) => createTenant(means, name),
    createAccount: (tenant, account) => createAccount(means, tenant, account),
    createClient: (tenant, client) => createClient(means, tenant, client),
    standing: (holder) => standingOf(database, holder),
    tenants: () => listTenants(database),
    findTenant: (name) => findTenant(database, name),
  };
}

/** With other keys every name would be unknown and every password wrong: better not to start. */
async function proveKeys(database: Database, mark: BlindMark): Promise<void> {
  const proof = mark('installation', 'key proof');
  const row = await database.transaction(0, async (tx) => {
    await tx.run(sql`
      insert into identity.installation (key_proof) values (${proof}) on conflict do nothing`);
    return tx.row<{ key_proof: Buffer }>(sql`select key_proof from identity.installation`);
  });
  if (row?.key_proof.equals(proof) !== true) {
    throw new Error(
      'The signing keys are not those of this database: restore its keys folder from a backup.',
    );
  }
}
