import { isUtf8 } from 'node:buffer';
import { firstFault, type JsonFault } from './json-fault.ts';
import { parsePrecisely } from './json-precise.ts';
import { countMembers, type Scan, scanJson } from './json-scan.ts';

export { decimalText, decimalValue, isDecimal, type RawNumber } from './decimal.ts';

export type JsonRefusal =
  | 'not-utf8'
  | 'not-json'
  | 'too-deep'
  | 'too-much'
  | 'duplicate-key'
  | 'not-an-object';

/** Why a text is not a resource's JSON. The message says where and never quotes the text. */
export class JsonRefused extends Error {
  override name = 'JsonRefused';
  code: JsonRefusal;
  /** Characters from the start of the text. */
  offset: number | undefined;

  constructor(code: JsonRefusal, message: string, offset?: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * A QuestionnaireResponse takes four levels of JSON per nested question: 128 leave room for thirty,
 * in a Bundle.
 */
const defaultDepth = 128;

/**
 * For texts of strangers: two million objects and arrays, half a million decimals such as 1.50, or
 * eight million other values: 0.4 s, where 50 MB of the costliest would take 8 s and 1 GB.
 */
export const strangersCost = 8_000_000;

/**
 * Parses the JSON of one resource (R4 json.html). Numbers keep their precision: one that JavaScript
 * would write otherwise (1.00) comes as a `RawNumber`, which JSON.stringify writes back verbatim.
 *
 * @throws {JsonRefused} for bad UTF-8, broken JSON, too many levels of nesting, more values than
 * `maxCost` allows, 1000 keys in one object, a key that stands twice in an object (JSON.parse would
 * drop one silently), and a text that is not one object.
 */
export function parseResourceJson(
  source: Buffer | string,
  limits: { maxDepth?: number; maxCost?: number } = {},
): Record<string, unknown> {
  const bytes = utf8(source);
  const maxDepth = limits.maxDepth ?? defaultDepth;
  const scan = scanJson(bytes, maxDepth, limits.maxCost ?? Infinity);
  if (scan.tooDeepAt !== undefined) {
    const before = bytes.toString('utf8', 0, scan.tooDeepAt);
    throw refusal('too-deep', before, before.length, `nested deeper than ${maxDepth} levels`);
  }
  if (scan.tooCrowded)
    throw new JsonRefused('too-much', 'An object has more than 1000 properties.');
  if (scan.tooCostly) {
    throw new JsonRefused('too-much', 'More values than a resource may have: split it.');
  }
  const text = bytes.toString();
  const value = parse(text, bytes, scan);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new JsonRefused(
      'not-an-object',
      'A resource is one JSON object: {"resourceType": …}.',
      0,
    );
  }
  if (scan.repeatsKey && countMembers(value) !== scan.members) throw fault(firstFault(text), text);
  return value as Record<string, unknown>; // an object that is no array has string keys
}

function parse(text: string, bytes: Buffer, scan: Scan): unknown {
  try {
    return scan.inexact.length === 0 ? JSON.parse(text) : parsePrecisely(bytes, scan.inexact);
  } catch {
    throw fault(firstFault(text), text); // V8's own message quotes the text
  }
}

/** RFC 8259 section 8.1: UTF-8, and a parser may ignore a byte order mark. */
function utf8(source: Buffer | string): Buffer {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  if (!isUtf8(bytes) || (typeof source === 'string' && !source.isWellFormed())) {
    throw new JsonRefused('not-utf8', 'The text is not valid UTF-8.');
  }
  return bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function fault(found: JsonFault | undefined, text: string): JsonRefused {
  if (found?.code === 'duplicate-key') {
    return refusal('duplicate-key', text, found.offset, 'a property stands twice in its object');
  }
  return refusal('not-json', text, found?.offset ?? 0, 'not valid JSON');
}

const lineFeed = 10;

function refusal(code: JsonRefusal, text: string, offset: number, why: string): JsonRefused {
  let line = 1;
  let from = -1;
  for (let at = 0; at < offset; at++) {
    if (text.charCodeAt(at) !== lineFeed) continue;
    line++;
    from = at;
  }
  const column = offset - from;
  return new JsonRefused(code, `Line ${line}, column ${column}: ${why}.`, offset);
}
