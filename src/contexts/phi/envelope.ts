import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';
import { refuse } from '../../platform/problem.ts';
import { phiKinds } from './problems.ts';

/**
 * format 1 | key version 1 | nonce 12 | ciphertext | tag 16, AES-256-GCM (NIST SP 800-38D).
 * Random nonces: at most 2^32 messages under one key (§8.3); see the README for how that is kept.
 */
const FORMAT = 1;
const NONCE_AT = 2;
const NONCE = 12;
const TEXT_AT = NONCE_AT + NONCE;
const TAG = 16;
const ALGORITHM = 'aes-256-gcm';
const options = { authTagLength: TAG };

export const ENVELOPE_BYTES = TEXT_AT + TAG;

/** A KeyObject, not bytes: importing the key at each call would triple the cost (5 to 17 µs). */
export function sealEnvelope(
  key: KeyObject,
  version: number,
  plain: Buffer,
  bound: string,
): Buffer {
  const sealed = Buffer.allocUnsafe(ENVELOPE_BYTES + plain.length);
  sealed[0] = FORMAT;
  sealed[1] = version;
  freshNonce(sealed);
  const cipher = createCipheriv(ALGORITHM, key, sealed.subarray(NONCE_AT, TEXT_AT), options);
  cipher.setAAD(Buffer.from(bound));
  sealed.set(cipher.update(plain), TEXT_AT);
  cipher.final();
  sealed.set(cipher.getAuthTag(), TEXT_AT + plain.length);
  return sealed;
}

/** Refuses with SEAL_BROKEN unless the bytes are as sealed, under this key, for this `bound`. */
export function openEnvelope(
  key: KeyObject,
  version: number,
  sealed: Buffer,
  bound: string,
): Buffer {
  const end = sealed.length - TAG;
  if (end < TEXT_AT || sealed[0] !== FORMAT || sealed[1] !== version) broken();
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(NONCE_AT, TEXT_AT), options);
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(TEXT_AT, end));
  try {
    decipher.final();
  } catch {
    broken();
  }
  return plain;
}

function broken(): never {
  refuse(
    phiKinds.sealBroken,
    'A stored value was moved, edited or sealed under another key; it is not shown.',
  );
}

// randomBytes per nonce would cost as much as the cipher (8 against 5 µs).
const pool = Buffer.alloc(NONCE * 340);
let used = pool.length;

function freshNonce(sealed: Buffer): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(sealed, NONCE_AT, used, used + NONCE);
  used += NONCE;
}
