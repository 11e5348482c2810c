import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { type AttemptSource, blockedUntil, recordFailure } from './attempt.ts';
import { findName } from './directory.ts';
import type { Means } from './means.ts';
import type { Holder } from './session.ts';

/** A name and the secret that is to prove it. */
export type Claim = {
  readonly kind: Holder['kind'];
  readonly nameHash: Buffer;
  readonly secret: string;
  readonly sources: readonly AttemptSource[];
};

export type Proof =
  | { proven: true; tenant: number; tenantId: string; holder: Holder }
  | {
      proven: false;
      because: 'unknown-name' | 'wrong-secret' | 'disabled' | 'too-many-attempts';
      /** Where the failure is audited. */
      tenant: number | undefined;
      id: string | undefined;
      /** When the question came in, of `performance.now()`. */
      since: number;
      blockedUntil?: Date;
      /** This failure was the one too many. */
      locks?: boolean;
    };

/**
 * Checks the claim with the same statements and the same hash whether the name exists or not. Waits
 * for its turn first, so that parallel guesses are counted before the next one is heard.
 */
export function prove(means: Means, claim: Claim, now: Date): Promise<Proof> {
  const since = performance.now();
  return means.hasher.turn(async () => {
    const { tenant, tenantId, id } = await findName(means.database, claim.nameHash);
    const until = await blockedUntil(means.database, claim.sources, now);
    if (until !== undefined) {
      const because = 'too-many-attempts';
      return { proven: false, because, tenant, id, since, blockedUntil: until };
    }
    const known = await means.database.transaction(tenant ?? 0, (tx) => readHolder(tx, claim, id));
    const right = await means.hasher.verify(known?.secretHash, claim.secret);
    if (right && known?.enabled && tenant !== undefined && tenantId !== undefined) {
      return { proven: true, tenant, tenantId, holder: known.holder };
    }
    const locks = await recordFailure(means.database, claim.sources, now);
    const because = known === undefined ? 'unknown-name' : right ? 'disabled' : 'wrong-secret';
    return { proven: false, because, tenant, id, since, locks };
  });
}

type Known = { holder: Holder; secretHash: string; enabled: boolean };
type Row = {
  id: string;
  secret_hash: string;
  roles: string[];
  patient: string | null;
  disabled_at: Date | null;
};

const NOBODY = '00000000-0000-0000-0000-000000000000';

async function readHolder(
  tx: Transaction,
  claim: Claim,
  id: string = NOBODY,
): Promise<Known | undefined> {
  const row = await tx.row<Row>(
    claim.kind === 'user'
      ? sql`
        select id, password_hash as secret_hash, to_json(roles) as roles, patient, disabled_at
          from identity.account where tenant = ${tx.tenant} and id = ${id}`
      : sql`
        select id, secret_hash, to_json(roles) as roles, null as patient, disabled_at
          from identity.client where tenant = ${tx.tenant} and id = ${id}`,
  );
  if (row === undefined) return undefined;
  const patient = row.patient === null ? {} : { patient: row.patient };
  return {
    holder: { kind: claim.kind, id: row.id, roles: row.roles, ...patient },
    secretHash: row.secret_hash,
    enabled: row.disabled_at === null,
  };
}
