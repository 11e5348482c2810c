import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hkdfSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type SigningKeys = {
  /** Signs new tokens: the last of the file. */
  readonly current: { readonly kid: string; readonly key: KeyObject };
  /** By kid: every key of the file, so that tokens outlive a rotation. */
  readonly verifying: ReadonlyMap<string, KeyObject>;
  /** RFC 7517, public halves only. */
  readonly jwks: { readonly keys: readonly object[] };
  /** 32 bytes for one purpose, derived (HKDF-SHA-256) from the installation's secret. */
  derive(purpose: string): Buffer;
};

type KeyFile = { secret: string; keys: { created_at: string; pem: string }[] };

const FILE = 'signing.json';

/**
 * Opens `keys/signing.json` (mode 600) under the data folder, making it when it is absent.
 * Throws a plain sentence when the file is not a keyring.
 */
export async function openSigningKeys(folder: string): Promise<SigningKeys> {
  const keys = join(folder, 'keys');
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const path = join(keys, FILE);
  const text = (await read(path)) ?? (await make(path));
  return load(parse(text, path));
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`The signing keys in ${path} cannot be read (${error.code}).`);
  });
}

/** Written whole under another name, then linked: two starting processes end with one file. */
async function make(path: string): Promise<string> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keys = [{ created_at: new Date().toISOString(), pem: pair.privateKey }];
  const file: KeyFile = { secret: randomBytes(32).toString('base64'), keys };
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(file, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(draft);
  return readFile(path, 'utf8');
}

function parse(text: string, path: string): KeyFile {
  const broken = new Error(`${path} is not a keyring: restore it from a backup.`);
  let file: Partial<KeyFile> | null;
  try {
    file = JSON.parse(text) as Partial<KeyFile> | null;
  } catch {
    throw broken;
  }
  const secret = file?.secret;
  const keys = file?.keys;
  if (typeof secret !== 'string' || Buffer.from(secret, 'base64').length < 32) throw broken;
  if (!Array.isArray(keys) || keys.length === 0) throw broken;
  if (!keys.every((key) => typeof key?.pem === 'string')) throw broken;
  return { secret, keys };
}

function load(file: KeyFile): SigningKeys {
  const secret = Buffer.from(file.secret, 'base64');
  const keys = file.keys.map(({ pem }) => {
    const key = createPrivateKey(pem);
    const open = createPublicKey(key);
    const jwk = open.export({ format: 'jwk' });
    return { kid: thumbprint(jwk), key, open, jwk };
  });
  const current = keys.at(-1);
  if (current === undefined) throw new Error('The keyring holds no key.');
  return {
    current: { kid: current.kid, key: current.key },
    verifying: new Map(keys.map(({ kid, open }) => [kid, open])),
    jwks: { keys: keys.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig', alg: 'RS256' })) },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', secret, '', `identity/${purpose}`, 32)),
  };
}

/** RFC 7638: the required members of an RSA key in lexical order. */
function thumbprint(jwk: JsonWebKey): string {
  const members = JSON.stringify({ e: jwk.e, kty: jwk.kty, n: jwk.n });
  return createHash('sha256').update(members).digest('base64url');
}
