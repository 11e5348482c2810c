import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Several keys for rotation: all open, `current` wraps. `id`: 8 hex digits; `key`: base64. */
export type Keyring = { current: string; keys: readonly MasterKey[] };
type MasterKey = { id: string; key: string; made_at: string };

type KeyringFile = {
  path: string;
  /** Throws a plain sentence when there is none. */
  read(): Promise<Keyring>;
  readOrMake(): Promise<Keyring>;
};

export async function openKeyring(folder: string): Promise<KeyringFile> {
  const keys = join(folder, 'keys');
  const path = join(keys, 'keyring.json');
  let ring = await load(path);
  return {
    path,
    async read() {
      ring ??= await load(path);
      if (ring !== undefined) return ring;
      throw new Error(
        `${path} is missing: restore it from its backup; without it nothing stored can be read.`,
      );
    },
    async readOrMake() {
      ring ??= (await load(path)) ?? (await make(keys, path));
      return ring;
    },
  };
}

async function load(path: string): Promise<Keyring | undefined> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Error(`${path} can be read by others: run chmod 600 on it.`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const ring = parse(text);
  if (ring === undefined) throw new Error(`${path} is damaged: restore it from its backup.`);
  return ring;
}

function parse(text: string): Keyring | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('current' in value) || !('keys' in value) || !Array.isArray(value.keys)) return undefined;
  const { current } = value;
  const keys: unknown[] = value.keys;
  if (typeof current !== 'string' || !keys.every(isMasterKey)) return undefined;
  return keys.some((key) => key.id === current) ? { current, keys } : undefined;
}

function isMasterKey(value: unknown): value is MasterKey {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value) || !('key' in value)) return false;
  const { id, key } = value;
  if (typeof id !== 'string' || typeof key !== 'string') return false;
  return /^[0-9a-f]{8}$/.test(id) && Buffer.from(key, 'base64').length === 32;
}

async function make(folder: string, path: string): Promise<Keyring> {
  const id = randomBytes(4).toString('hex');
  const key = randomBytes(32).toString('base64');
  const ring = { current: id, keys: [{ id, key, made_at: new Date().toISOString() }] };
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const draft = `${path}.${id}`;
  await writeDurably(draft, `${JSON.stringify(ring, null, 2)}\n`);
  try {
    // link, not rename: of two processes starting at once the second must not replace the first's.
    await link(draft, path);
  } catch (error) {
    const other = await load(path);
    if (other === undefined) throw error;
    return other;
  } finally {
    await unlink(draft);
  }
  await syncFolder(folder);
  return ring;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name survives a crash only when its folder was synced too. Windows cannot and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
