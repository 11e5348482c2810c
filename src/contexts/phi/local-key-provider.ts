import { createSecretKey, type KeyObject } from 'node:crypto';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';
import { type Keyring, openKeyring } from './keyring.ts';

const ID_BYTES = 4;
const ID = 'local';

/**
 * Master keys in `keys/keyring.json` under `folder`. The file is made by the first `wrap`, so a
 * store that already has keys never gets a fresh keyring by accident: its first `unwrap` says what
 * is missing. Wrapped: key id 4 | envelope; the current key wraps, old ones open by id.
 */
export async function localKeyProvider(folder: string): Promise<KeyProvider> {
  const keyring = await openKeyring(folder);
  return {
    id: ID,
    async wrap(plain, context) {
      const ring = await keyring.readOrMake();
      const id = Buffer.from(ring.current, 'hex');
      const sealed = sealEnvelope(masterKey(ring, ring.current), 1, plain, context);
      return Buffer.concat([id, sealed]);
    },
    async unwrap(wrapped, context) {
      const id = wrapped.toString('hex', 0, ID_BYTES);
      const key = masterKey(await keyring.read(), id);
      try {
        return openEnvelope(key, 1, wrapped.subarray(ID_BYTES), context);
      } catch (cause) {
        throw new Error(
          `The master key ${id} in ${keyring.path} does not open this store's keys.`,
          {
            cause,
          },
        );
      }
    },
  };

  function masterKey(ring: Keyring, id: string): KeyObject {
    const found = ring.keys.find((key) => key.id === id);
    if (found !== undefined) return createSecretKey(Buffer.from(found.key, 'base64'));
    throw new Error(`${keyring.path} has no master key ${id}: restore this store's own keyring.`);
  }
}
