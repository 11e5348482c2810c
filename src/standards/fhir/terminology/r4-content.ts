import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { DefinitionSource, DefinitionType } from '../definition-source.ts';
import type { JsonObject } from '../json-object.ts';
import { splitCanonical } from './resource-field.ts';

/** version, piece, line in the piece; of a ConceptMap also its source and target value sets. */
type Row = [string, number, number, string?, string?];
type IndexFile = { pieces: number[]; definitions: Record<string, Record<string, Row>> };

type Pack = { index: IndexFile; starts: number[]; bytes: Buffer };

/**
 * A piece's lines stay as text (5.7 MB if all are asked for); a definition once parsed stays too.
 */
const pieces = new Map<number, string[]>();
const parsed = new Map<string, JsonObject>();
let pack: Pack | undefined;

const file = (name: string) => new URL(`../../../generated/fhir-r4/${name}`, import.meta.url);

/** 1 MB read and 180 KB parsed (1.5 ms), when the first question comes. */
function opened(): Pack {
  if (pack !== undefined) return pack;
  const index: IndexFile = JSON.parse(readFileSync(file('terminology.json'), 'utf8'));
  const starts = [0];
  for (const [piece, length] of index.pieces.entries()) starts.push((starts[piece] ?? 0) + length);
  pack = { index, starts, bytes: readFileSync(file('terminology.pack')) };
  return pack;
}

function linesOf(piece: number): string[] {
  const known = pieces.get(piece);
  if (known !== undefined) return known;
  const { index, starts, bytes } = opened();
  const start = starts[piece] ?? 0;
  const packed = bytes.subarray(start, start + (index.pieces[piece] ?? 0));
  const lines = brotliDecompressSync(packed).toString().split('\n');
  pieces.set(piece, lines);
  return lines;
}

function rowOf(type: DefinitionType, url: string): Row | undefined {
  const byUrl = opened().index.definitions[type];
  return byUrl !== undefined && Object.hasOwn(byUrl, url) ? byUrl[url] : undefined;
}

/**
 * R4's own CodeSystems, ValueSets and ConceptMaps (4.0.1), v2 and v3 tables included, without
 * narrative; of another version than R4's, undefined. StructureDefinitions are not here.
 */
export const r4Content: DefinitionSource = {
  find(type, canonical) {
    const { url, version } = splitCanonical(canonical);
    // R4 itself has six code systems whose url holds a bar: v2-0006|2.1 and its like.
    const whole = rowOf(type, canonical);
    const row = whole ?? rowOf(type, url);
    if (row === undefined || (whole === undefined && (version ?? row[0]) !== row[0])) {
      return undefined;
    }
    const key = `${type} ${row[1]} ${row[2]}`;
    const known = parsed.get(key);
    if (known !== undefined) return known;
    const line = linesOf(row[1])[row[2]] ?? '';
    const definition: JsonObject = JSON.parse(line);
    parsed.set(key, definition);
    return definition;
  },
};

/** R4's own ConceptMaps by the value sets they map from and to; undefined: any. */
export function r4ConceptMaps(source: string | undefined, target: string | undefined): string[] {
  const maps = Object.entries(opened().index.definitions['ConceptMap'] ?? {});
  return maps
    .filter(([, [, , , from, to]]) => (source ?? from) === from && (target ?? to) === to)
    .map(([url]) => url);
}
