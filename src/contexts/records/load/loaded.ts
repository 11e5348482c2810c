import type { Phi } from '#phi';
import { byteaArray } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { sql } from '../../../platform/postgres/sql.ts';

/** Some of what a transaction was to store is stored already: nothing of it was stored again. */
export class LoadedBefore extends Error {
  /** Names of what is not stored yet. */
  readonly fresh: ReadonlySet<string>;

  constructor(fresh: ReadonlySet<string>) {
    super('loaded before');
    this.fresh = fresh;
  }
}

/**
 * Writes down, in the transaction that stores them, that these texts are stored. `names` tell them
 * apart (a digest of each); what the table holds opens nothing without the tenant's key.
 * Throws LoadedBefore, and another transaction storing the same is waited for.
 */
export async function markLoaded(
  phi: Phi,
  tx: Transaction,
  names: readonly string[],
): Promise<void> {
  const own = (await phi.keys(tx, [0n], 'make')).of(0n);
  const keys = new Map(names.map((name) => [keyText(own.commitment(`load|${name}`)), name]));
  // In one order everywhere, or two transactions with the same texts could wait for each other.
  const ordered = [...keys.keys()].sort().map((text) => Buffer.from(text, 'hex'));
  const made = await tx.rows<{ key: Buffer }>(sql`
    insert into records.loaded (tenant, key)
    select ${tx.tenant}::int4, key from unnest(${byteaArray(ordered)}::bytea[]) as source (key)
    on conflict do nothing returning key`);
  if (made.length === names.length) return;
  const fresh = made.map(({ key }) => keys.get(keyText(key)) ?? '');
  throw new LoadedBefore(new Set(fresh));
}

function keyText(key: Buffer): string {
  return key.toString('hex');
}
