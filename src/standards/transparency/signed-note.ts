import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/** C2SP signed-note: a text, a blank line, and one line per signature, each by a named key. */
export type NoteSigner = { readonly name: string; readonly privateKey: KeyObject };
export type NoteVerifier = { readonly name: string; readonly id: Buffer; readonly key: KeyObject };

const ED25519 = 0x01;
const KEY = 32;
const SIGNATURE = 64;
/** RFC 8410 §4: what stands before the 32 bytes in an Ed25519 SubjectPublicKeyInfo. */
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const nameForm = /^[^\s+]+$/u;

/** The note, signed: `text` ends with a newline and holds no blank line at its end. */
export function signNote(text: string, signer: NoteSigner): string {
  if (!text.endsWith('\n')) throw new RangeError('a note ends with a newline');
  const raw = rawPublicKey(createPublicKey(signer.privateKey));
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  const line = Buffer.concat([keyId(signer.name, raw), signature]).toString('base64');
  return `${text}\n— ${signer.name} ${line}\n`;
}

/**
 * The note's text when at least one of the keys signed it; undefined otherwise, whatever is wrong.
 * Signatures by other keys are passed over, as C2SP signed-note asks.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): string | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  return lines.some((line) => signedBy(line, text, verifiers)) ? text : undefined;
}

function signedBy(line: string, text: string, verifiers: readonly NoteVerifier[]): boolean {
  const [, name, encoded = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (name === undefined || bytes.length !== 4 + SIGNATURE) return false;
  return verifiers.some(
    (one) =>
      one.name === name &&
      one.id.equals(bytes.subarray(0, 4)) &&
      verify(null, Buffer.from(text), one.key, bytes.subarray(4)),
  );
}

/** `name+hex(key id)+base64(type ‖ key)`: the public key as one line (C2SP signed-note, vkey). */
export function formatVerifierKey(name: string, publicKey: KeyObject): string {
  const raw = rawPublicKey(publicKey);
  const typed = Buffer.concat([Buffer.of(ED25519), raw]);
  return `${name}+${keyId(name, raw).toString('hex')}+${typed.toString('base64')}`;
}

/** Undefined unless the line is an Ed25519 verifier key whose id fits its name and bytes. */
export function parseVerifierKey(line: string): NoteVerifier | undefined {
  const [, name, id, encoded = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(line.trim()) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  if (name === undefined || typed.length !== 1 + KEY || typed[0] !== ED25519) return undefined;
  const verifier = noteVerifier(name, typed.subarray(1));
  return verifier.id.toString('hex') === id ? verifier : undefined;
}

/** `raw`: the 32 bytes of an Ed25519 public key (RFC 8032 §5.1.5). */
function noteVerifier(name: string, raw: Buffer): NoteVerifier {
  const key = createPublicKey({ key: Buffer.concat([spki, raw]), format: 'der', type: 'spki' });
  return { name, id: keyId(name, raw), key };
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(spki.length);
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ key), its first four bytes. */
function keyId(name: string, raw: Buffer): Buffer {
  if (!nameForm.test(name)) throw new RangeError('a key name has no spaces and no plus');
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw]);
  return hash('sha256', bytes, 'buffer').subarray(0, 4);
}
