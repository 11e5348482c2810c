import { DATA_KEY_BYTES, DataKey, type SubjectKey } from './data-key.ts';

/**
 * A key for what is made and deleted again within days, such as the files of an export: when the
 * one copy of its secret goes, they are gone. The caller keeps the secret sealed. `secret`: 32
 * random bytes, used for nothing else; at most 2^32 values are sealed under it. Throws RangeError.
 */
export function shortLivedKey(tenant: number, secret: Buffer): SubjectKey {
  if (secret.length !== DATA_KEY_BYTES) throw new RangeError('a secret has 32 bytes');
  // One sealing key, as a patient's has: subject 0 would spread over the 256 of the tenant.
  return new DataKey(tenant, 1n, secret);
}
