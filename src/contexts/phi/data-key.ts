import { createSecretKey, type KeyObject } from 'node:crypto';
import { refuse } from '../../platform/problem.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import { deriveKey, type HashKey, hashKey, keyedHash } from './keyed-hash.ts';
import { phiKinds } from './problems.ts';

/** What a context may do with one subject's key; it never sees the key itself. */
export type SubjectKey = {
  /** AES-256-GCM; `context` says where the value stands (type, id, group): additional data. */
  seal(plain: Buffer, context: string): Buffer;
  /** Refuses with SEAL_BROKEN what was moved, edited or sealed under another key. */
  open(sealed: Buffer, context: string): Buffer;
  /** 16 bytes that bind a text without telling it; without the key nobody can link or check it. */
  commitment(text: string): Buffer;
};

export const DATA_KEY_BYTES = 32;
/** The version of every data key so far; the envelope carries it so that a key can be replaced. */
export const DATA_KEY_VERSION = 1;

/**
 * A patient's key seals with one AES key: nobody has 2^32 values. The tenant's own key (subject 0)
 * has no such bound, so it seals under 256 keys chosen by the context: 2^40 values per tenant.
 */
const BUCKETS_OF_NOBODY = 256;

export class DataKey implements SubjectKey {
  readonly #tenant: number;
  readonly #sealing: (KeyObject | undefined)[];
  #secret: Buffer | undefined;
  #commitment: HashKey | undefined;

  constructor(tenant: number, subject: bigint, secret: Buffer) {
    this.#tenant = tenant;
    this.#secret = secret;
    this.#sealing = new Array(subject === 0n ? BUCKETS_OF_NOBODY : 1);
  }

  seal(plain: Buffer, context: string): Buffer {
    return sealEnvelope(this.#keyFor(context), DATA_KEY_VERSION, plain, this.#bind(context));
  }

  open(sealed: Buffer, context: string): Buffer {
    return openEnvelope(this.#keyFor(context), DATA_KEY_VERSION, sealed, this.#bind(context));
  }

  commitment(text: string): Buffer {
    this.#commitment ??= hashKey(deriveKey(this.#alive(), 'commitment'));
    return Buffer.from(keyedHash(this.#commitment, 'commitment', text).subarray(0, 16));
  }

  /** After this the key can do nothing, whoever still holds it. */
  erase(): void {
    this.#secret?.fill(0);
    this.#secret = undefined;
    this.#commitment = undefined;
    this.#sealing.fill(undefined);
  }

  #bind(context: string): string {
    return `${this.#tenant}|${context}`;
  }

  #keyFor(context: string): KeyObject {
    const bucket = this.#sealing.length === 1 ? 0 : bucketOf(context);
    const known = this.#sealing[bucket];
    if (known !== undefined) return known;
    const key = createSecretKey(deriveKey(this.#alive(), `seal ${bucket}`));
    this.#sealing[bucket] = key;
    return key;
  }

  #alive(): Buffer {
    return this.#secret ?? erased();
  }
}

export function erased(): never {
  refuse(phiKinds.erased, 'The data of this subject was erased; its key no longer exists.');
}

/** FNV-1a: only spreads contexts over the buckets; the secret is in the derived key. */
function bucketOf(context: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < context.length; at += 1) {
    hash = Math.imul(hash ^ context.charCodeAt(at), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (BUCKETS_OF_NOBODY - 1);
}
