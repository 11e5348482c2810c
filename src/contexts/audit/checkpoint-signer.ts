import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Checkpoint,
  formatCheckpoint,
  parseCheckpoint,
} from '../../standards/transparency/checkpoint.ts';
import {
  formatVerifierKey,
  openNote,
  parseVerifierKey,
  signNote,
} from '../../standards/transparency/signed-note.ts';

/**
 * Signs the heads of this installation's logs, and keeps the newest of each outside the database.
 */
export type CheckpointSigner = {
  /** The signed note (C2SP tlog-checkpoint). */
  sign(checkpoint: Checkpoint): string;
  /** What a note says when one of our keys signed it for this origin; undefined otherwise. */
  open(note: string, origin: string): Checkpoint | undefined;
  /** The public key that signs now, as an auditor needs it: one line (C2SP signed-note, vkey). */
  verifierKey(origin: string): string;
  /**
   * Keeps a note in the data folder: whoever cuts the log's end in the database does not reach it.
   */
  keep(tenant: number, note: string): Promise<void>;
  kept(tenant: number): Promise<string | undefined>;
  keptAt(tenant: number): string;
};

export function originOf(tenant: number): string {
  return `medconnect/audit/${tenant}`;
}

type Keyring = { readonly keys: readonly { readonly made_at: string; readonly pkcs8: string }[] };

/**
 * Opens the keyring `audit-keyring.json` of the folder (mode 600), making it at first. The last key
 * signs.
 */
export async function openCheckpointSigner(folder: string): Promise<CheckpointSigner> {
  const keys = (await openKeyring(folder)).keys.map(({ pkcs8 }) =>
    createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' }),
  );
  const signing = keys.at(-1);
  if (signing === undefined) throw new Error(`The keyring ${keyringAt(folder)} holds no key.`);
  const publicKeys = keys.map((key) => createPublicKey(key));
  const keptAt = (tenant: number) => join(folder, `audit-checkpoint-${tenant}.txt`);
  return {
    sign: (checkpoint) =>
      signNote(formatCheckpoint(checkpoint), { name: checkpoint.origin, privateKey: signing }),
    open(note, origin) {
      const verifiers = publicKeys
        .map((key) => parseVerifierKey(formatVerifierKey(origin, key)))
        .filter((one) => one !== undefined);
      const text = openNote(note, verifiers);
      const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
      return checkpoint?.origin === origin ? checkpoint : undefined;
    },
    verifierKey: (origin) => formatVerifierKey(origin, createPublicKey(signing)),
    async keep(tenant, note) {
      const draft = `${keptAt(tenant)}.new`;
      await writeFile(draft, note, { mode: 0o600 });
      await rename(draft, keptAt(tenant));
    },
    kept: (tenant) => readFile(keptAt(tenant), 'utf8').catch(absent),
    keptAt,
  };
}

function keyringAt(folder: string): string {
  return join(folder, 'audit-keyring.json');
}

async function openKeyring(folder: string): Promise<Keyring> {
  const present = await readFile(keyringAt(folder), 'utf8').catch(absent);
  if (present !== undefined) return JSON.parse(present) as Keyring;
  const { privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  const keyring: Keyring = { keys: [{ made_at: new Date().toISOString(), pkcs8 }] };
  await mkdir(folder, { recursive: true });
  await writeFile(keyringAt(folder), `${JSON.stringify(keyring, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  return keyring;
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
