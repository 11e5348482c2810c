import type { Database } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';

/**
 * Who holds the outermost keys: the keyring file here, a KMS or a vault elsewhere. `id` is stored
 * with what it wrapped. `context` is bound to the wrapped bytes: unwrapping with another one fails.
 * Called once per tenant and process, so a network round trip is affordable.
 */
export type KeyProvider = {
  id: string;
  wrap(plain: Buffer, context: string): Promise<Buffer>;
  unwrap(wrapped: Buffer, context: string): Promise<Buffer>;
};

const PROOF = Buffer.from('medconnect can unwrap its keys');
const CONTEXT = 'key-proof';

/**
 * Call once after the migrations, before serving: throws one plain sentence when this provider does
 * not open this store (the keyring is missing, is another one, or another provider is expected).
 * On an empty store the first call makes the provider's key and leaves a proof for next time.
 */
export async function proveKeyProvider(database: Database, provider: KeyProvider): Promise<void> {
  const proofs = await database.transaction(0, (tx) =>
    tx.rows<{ provider: string; wrapped: Buffer }>(
      sql`select provider, wrapped from phi.key_proof order by provider`,
    ),
  );
  const proof = proofs.find((row) => row.provider === provider.id);
  if (proof === undefined && proofs[0] !== undefined) {
    throw new Error(
      `The keys of this store are held by the key provider '${proofs[0].provider}', ` +
        `not by '${provider.id}': configure that one.`,
    );
  }
  await verify(provider, proof?.wrapped ?? (await leaveProof(database, provider)));
}

async function leaveProof(database: Database, provider: KeyProvider): Promise<Buffer> {
  const wrapped = await provider.wrap(PROOF, CONTEXT);
  return database.transaction(0, async (tx) => {
    await tx.run(sql`insert into phi.key_proof (provider, wrapped)
      values (${provider.id}, ${wrapped}) on conflict (provider) do nothing`);
    // Two nodes may start at once: what counts is the proof that stayed.
    const row = await tx.row<{ wrapped: Buffer }>(
      sql`select wrapped from phi.key_proof where provider = ${provider.id}`,
    );
    return row?.wrapped ?? wrapped;
  });
}

async function verify(provider: KeyProvider, wrapped: Buffer): Promise<void> {
  const plain = await provider.unwrap(wrapped, CONTEXT);
  if (!plain.equals(PROOF)) throw new Error(`The key provider '${provider.id}' answers wrongly.`);
}
