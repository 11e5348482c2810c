/** Many short texts in one buffer: an object and a string each would take four times the memory. */
export type PackedTexts = {
  readonly bytes: Buffer;
  /** Where each text ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
};

export function packTexts(texts: readonly string[]): PackedTexts {
  const ends = new Uint32Array(texts.length);
  let length = 0;
  for (const [i, text] of texts.entries()) {
    length += Buffer.byteLength(text);
    ends[i] = length;
  }
  const bytes = Buffer.allocUnsafe(length);
  for (const [i, text] of texts.entries()) bytes.write(text, i === 0 ? 0 : (ends[i - 1] ?? 0));
  return { bytes, ends };
}

export function startOf({ ends }: PackedTexts, at: number): number {
  return at === 0 ? 0 : (ends[at - 1] ?? 0);
}

export function textAt(texts: PackedTexts, at: number): string {
  return texts.bytes.toString('utf8', startOf(texts, at), texts.ends[at]);
}

/** From text to its place in the list, exactly: an open hash table of 4 bytes a slot. */
export function textTable(texts: PackedTexts): (text: string) => number {
  const count = texts.ends.length;
  const slots = 2 ** Math.max(4, Math.ceil(Math.log2(count * 2)));
  const table = new Int32Array(slots).fill(-1);
  const mask = slots - 1;
  for (let at = 0; at < count; at += 1) {
    let slot = hash(texts.bytes, startOf(texts, at), texts.ends[at] ?? 0) & mask;
    while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
    table[slot] = at;
  }
  const scratch = Buffer.alloc(MOST_BYTES);
  return (text) => {
    if (text.length > MOST_BYTES / 3) return -1;
    const length = scratch.write(text);
    let slot = hash(scratch, 0, length) & mask;
    for (let at = table[slot] ?? -1; at >= 0; at = table[slot] ?? -1) {
      const start = startOf(texts, at);
      const end = texts.ends[at] ?? 0;
      if (end - start === length && scratch.compare(texts.bytes, start, end, 0, length) === 0) {
        return at;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  };
}

/** No code of a large system is longer than 64 characters. */
const MOST_BYTES = 768;

/** FNV-1a, 32 bits. */
function hash(bytes: Buffer, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < end; i += 1) {
    value = Math.imul(value ^ (bytes[i] ?? 0), 0x01000193);
  }
  return value >>> 0;
}

/**
 * The same bytes in lower case, as long as before: ASCII and Latin-1, which terms are written in.
 */
export function lowerCase(bytes: Buffer): Buffer {
  const lower = Buffer.from(bytes);
  for (let i = 0; i < lower.length; i += 1) {
    const byte = lower[i] ?? 0;
    if (byte >= 0x41 && byte <= 0x5a) lower[i] = byte + 0x20;
    else if (byte === 0xc3) {
      const next = lower[i + 1] ?? 0;
      if (next >= 0x80 && next <= 0x9e && next !== 0x97) lower[i + 1] = next + 0x20;
    }
  }
  return lower;
}
