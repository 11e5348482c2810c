import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { normalPassword } from './password.ts';
import { busy } from './problems.ts';
import { type Turnstile, turnstile } from './turnstile.ts';

export type PasswordHasher = {
  /** A PHC string; the salt is in it, the pepper (the installation's key) is not. */
  hash(password: string): Promise<string>;
  /** Equal work for a hash that is not there: an unknown name takes as long as a known one. */
  verify(hashed: string | undefined, password: string): Promise<boolean>;
  /** Everything that may end in a hash queues here, so that 19 MiB and a core each stay few. */
  readonly turn: Turnstile;
};

/** OWASP Password Storage: argon2id, 19 MiB, two passes, one lane; measured 24 ms of a core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Two of libuv's four threads: files, DNS and signatures never wait behind passwords. */
const AT_ONCE = 2;
/** About two seconds of waiting; then a caller is better off told to come back. */
const WAITING = 128;

export async function openPasswordHasher(pepper: Buffer): Promise<PasswordHasher> {
  const options = { ...cost, secret: pepper };
  const nobody = await hash(randomBytes(16), options);
  return {
    hash: (password) => hash(normalPassword(password), options),
    async verify(hashed, password) {
      const right = await verify(hashed ?? nobody, normalPassword(password), options);
      return right && hashed !== undefined;
    },
    turn: turnstile(AT_ONCE, WAITING, busy),
  };
}
