import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a word of the stem was found, in which form, and the bytes that follow. */
export type Hit = { readonly where: string; readonly form: string; readonly bytes: string };

type Form = { readonly form: string; readonly bytes: Buffer };

/**
 * Every way a word that begins with the stem may lie in a file: as it is, lower, upper, backwards,
 * in UTF-16, as hex (how bytea is written), and as base64 in each of its three alignments.
 */
export function formsOf(stem: string): Form[] {
  const cases = [...new Set([stem, stem.toLowerCase(), stem.toUpperCase()])];
  return cases.flatMap((word) => {
    const bytes = Buffer.from(word);
    const backwards = [...word].reverse().join('');
    const hex = bytes.toString('hex');
    return [
      { form: word, bytes },
      { form: `${word} backwards`, bytes: Buffer.from(backwards) },
      { form: `${word} UTF-16LE`, bytes: Buffer.from(word, 'utf16le') },
      { form: `${word} UTF-16BE`, bytes: Buffer.from(word, 'utf16le').swap16() },
      { form: `${word} hex`, bytes: Buffer.from(hex) },
      { form: `${word} HEX`, bytes: Buffer.from(hex.toUpperCase()) },
      ...[0, 1, 2].map((offset) => ({
        form: `${word} base64+${offset}`,
        bytes: Buffer.from(base64Inside(bytes, offset)),
      })),
    ];
  });
}

/** The characters that depend on these bytes alone, when `offset` others stand before them. */
function base64Inside(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((offset * 8) / 6), whole);
}

/** Of each form, the first place in the bytes. */
export function scan(where: string, bytes: Buffer, forms: readonly Form[]): Hit[] {
  return forms.flatMap((one) => {
    const at = bytes.indexOf(one.bytes);
    if (at < 0) return [];
    return [{ where, form: one.form, bytes: bytes.toString('latin1', at - 16, at + 64) }];
  });
}

const CHUNK = 8 * 1024 * 1024;
/** No form is longer: chunks overlap by it. */
const OVERLAP = 64;

/** Every file below the folder, whatever it is. */
export async function scanFolder(folder: string, forms: readonly Form[]): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    let tail = Buffer.alloc(0);
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
      const bytes = Buffer.concat([tail, chunk as Buffer]);
      hits.push(...scan(path, bytes, forms));
      tail = bytes.subarray(-OVERLAP);
    }
    // A name may be a patient's, too.
    hits.push(...scan(`name of ${path}`, Buffer.from(path), forms));
  }
  return hits;
}
