import { Breath } from '../breath.ts';

export type Cut = {
  /** The Bundle without its entries. */
  readonly head: Buffer;
  /** Where each entry stands in the bytes. */
  readonly entries: readonly { readonly from: number; readonly to: number }[];
};

/** Bytes looked at between two chances for others: about 4 ms. */
const STRETCH = 4 * 1024 * 1024;

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
// '[' and ']' differ from '{' and '}' by the bit 0x20 only.
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;

/**
 * Cuts the entries out of a Bundle's JSON without parsing it. Undefined when there is no array
 * under a plain top-level `"entry"`, or the braces do not pair up: then the text is for the parser
 * to refuse. What stands between the braces is not looked at.
 */
export async function cutEntries(bytes: Buffer): Promise<Cut | undefined> {
  const from = arrayStart(bytes);
  if (from === undefined) return undefined;
  const breath = new Breath();
  const entries: { from: number; to: number }[] = [];
  let depth = 0;
  let start = from + 1;
  let looked = from;
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = stringEnd(bytes, at);
    else if ((byte | 0x20) === openBrace) depth += 1;
    else if (depth === 0 && (byte === comma || (byte | 0x20) === closeBrace)) {
      const empty = byte !== comma && entries.length === 0 && isBlank(bytes, start, at);
      if (!empty) entries.push({ from: start, to: at });
      start = at + 1;
      if (byte === comma) continue;
      if (empty) return undefined;
      return { head: withoutEntries(bytes, from, at), entries };
    } else if ((byte | 0x20) === closeBrace) depth -= 1;
    if (at - looked < STRETCH) continue;
    looked = at;
    if (breath.due()) await breath.take();
  }
  return undefined;
}

/** Where the array of `"entry"` opens, one level below the top. */
function arrayStart(bytes: Buffer): number | undefined {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      const end = stringEnd(bytes, at);
      const name =
        depth === 1 && end - at === 6 && bytes.toString('latin1', at + 1, end) === 'entry';
      at = end;
      if (!name) continue;
      const value = /^\s*:\s*/.exec(bytes.toString('latin1', end + 1, end + 64));
      if (value === null) continue;
      const next = end + 1 + value[0].length;
      return bytes[next] === openBracket ? next : undefined;
    }
    if ((byte | 0x20) === openBrace) depth += 1;
    else if ((byte | 0x20) === closeBrace) depth -= 1;
  }
  return undefined;
}

function stringEnd(bytes: Buffer, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  return to - from < 1024 && bytes.toString('latin1', from, to).trim() === '';
}

/** `"entry":[…]` becomes a member that is empty in the way the structure allows. */
function withoutEntries(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([bytes.subarray(0, from), placeholder, bytes.subarray(to + 1)]);
}

const placeholder = Buffer.from('[{"id":"x"}]');
