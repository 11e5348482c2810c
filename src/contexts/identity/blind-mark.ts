import { createHmac } from 'node:crypto';

/**
 * 32 bytes that stand for a value without telling it: HMAC-SHA-256 under the installation's key
 * over domain + 0x00 + value. The same name in two domains gives unrelated marks.
 */
export type BlindMark = (domain: MarkDomain, value: string) => Buffer;

type MarkDomain =
  | 'account'
  | 'client'
  | 'attempt-account'
  | 'attempt-client'
  | 'attempt-address'
  | 'device'
  | 'refresh-token'
  | 'refresh-successor'
  | 'installation';

export function blindMark(key: Buffer): BlindMark {
  return (domain, value) => createHmac('sha256', key).update(`${domain}\0${value}`).digest();
}
