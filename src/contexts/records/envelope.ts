import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SubjectKey } from '#phi';
import { type Group, groups } from '../../standards/fhir/sensitivity.ts';
import { CURRENT, type Dictionary, dictionaryOf } from './dictionary.ts';

/**
 * A stored version's `sealed` column: one part per sensitivity group, each
 *   group (1 byte) · coding (1 byte: 0 plain, n deflated with dictionary edition n, 255 without)
 *   · length of what follows (4 bytes) · sealed bytes.
 * Inside: the text of `meta` without version and time (empty but in one part), a line feed, the
 * elements.
 */
export type Parts = ReadonlyMap<Group, string>;

export type Place = { type: string; id: string; version: number };

const HEADER = 6;
const PLAIN = 0;
const ALONE = 255;
/** Bytes below which a compressor's start (6 µs to open, 24 to pack) costs more than it saves. */
const WORTH_COMPRESSING = 320;
/**
 * RFC 1951 with a window of 8 KB: room for the dictionary and a record. Measured on records of
 * 1.2 KB against zstd with the same dictionary: half the time to pack, a quarter to open, same
 * size.
 */
const DEFLATE = { windowBits: 13, memLevel: 5, level: 6, chunkSize: 4096 } as const;

/** Compressed, ready to be sealed when the keys are at hand. */
export type Packed = { group: Group; coding: number; bytes: Buffer };

/** `meta` (labels, profiles, tags) goes with the least sensitive part there is. */
export function pack(type: string, parts: Parts, meta: string | undefined): Packed[] {
  const holder = parts.has('administrative') ? 'administrative' : [...parts.keys()][0];
  const all: Parts =
    holder === undefined && meta !== undefined ? new Map([['administrative', '']]) : parts;
  return [...all].map(([group, text]) => {
    const mine = group === (holder ?? 'administrative') ? (meta ?? '') : '';
    return compress(type, group, Buffer.from(`${mine}\n${text}`, 'utf8'));
  });
}

function compress(type: string, group: Group, bytes: Buffer): Packed {
  if (bytes.length < WORTH_COMPRESSING) return { group, coding: PLAIN, bytes };
  const dictionary = dictionaryOf(type, CURRENT);
  const coding = dictionary === undefined ? ALONE : dictionary.number;
  // Copied: zlib hands out a view of a whole chunk, which a large transaction keeps by thousands.
  return { group, coding, bytes: Buffer.from(deflateRawSync(bytes, options(dictionary))) };
}

function options(dictionary: Dictionary | undefined) {
  return dictionary === undefined ? DEFLATE : { ...DEFLATE, dictionary: dictionary.bytes };
}

export function sealParts(key: SubjectKey, place: Place, packed: readonly Packed[]): Buffer {
  const pieces: Buffer[] = [];
  for (const { group, coding, bytes } of packed) {
    const blob = key.seal(bytes, context(place, group, coding));
    const header = Buffer.allocUnsafe(HEADER);
    header[0] = groups.indexOf(group);
    header[1] = coding;
    header.writeUInt32BE(blob.length, 2);
    pieces.push(header, blob);
  }
  return Buffer.concat(pieces);
}

/** Opens only the groups in `visible`; the key is not touched for the others. */
export function openParts(
  key: SubjectKey,
  place: Place,
  sealed: Buffer,
  visible: ReadonlySet<Group>,
): { opened: Map<Group, Buffer>; withheld: Group[] } {
  const opened = new Map<Group, Buffer>();
  const withheld: Group[] = [];
  for (let at = 0; at < sealed.length; ) {
    const group = groups[sealed[at] ?? 255];
    const coding = sealed[at + 1] ?? PLAIN;
    const end = at + HEADER + sealed.readUInt32BE(at + 2);
    if (group === undefined) throw new Error('a sealed part of an unknown group');
    if (visible.has(group)) {
      const bytes = key.open(sealed.subarray(at + HEADER, end), context(place, group, coding));
      opened.set(group, decompress(place.type, coding, bytes));
    } else {
      withheld.push(group);
    }
    at = end;
  }
  return { opened, withheld };
}

/** Bound into each seal: a part moved to another record, version or group does not open. */
function context(place: Place, group: Group, coding: number): string {
  return `${place.type}/${place.id}/${place.version}/${group}/${coding}`;
}

function decompress(type: string, coding: number, bytes: Buffer): Buffer {
  if (coding === PLAIN) return bytes;
  if (coding === ALONE) return inflateRawSync(bytes, options(undefined));
  const dictionary = dictionaryOf(type, coding);
  if (dictionary === undefined) throw new Error(`no dictionary ${coding} for ${type}`);
  return inflateRawSync(bytes, options(dictionary));
}
