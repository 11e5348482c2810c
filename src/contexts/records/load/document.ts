import { hash } from 'node:crypto';
import { JsonRefused, parseResourceJson } from '../../../standards/fhir/json.ts';
import type { JsonObject, Refusal } from './batch.ts';
import type { ByteReader } from './byte-reader.ts';
import { tooLarge } from './byte-reader.ts';

/** A resource of a text or why there is none; `line` when the text has one on each line. */
export type Document = { line?: number; bytes: number } & (
  | { resource: JsonObject; digest: Buffer }
  | { refused: Refusal }
  | { skipped: true }
);

export interface DocumentLimits {
  lineBytes: number;
  documentBytes: number;
}

const megabyte = 1024 * 1024;
/**
 * A resource with a scanned document inside is some megabytes; a Bundle of a patient up to
 * hundreds.
 */
export const usualLimits: DocumentLimits = {
  lineBytes: 50 * megabyte,
  documentBytes: 200 * megabyte,
};

/**
 * The resources of one text. It is NDJSON if its name says so or its first line is a whole object
 * followed by more; otherwise it is one document. `skip` is asked before each is parsed.
 * Throws what the bytes throw.
 */
export async function* documents(
  bytes: ByteReader,
  name: string,
  limits: DocumentLimits,
  skip: () => boolean,
): AsyncGenerator<Document> {
  const named = /\.(ndjson|jsonl)(\.(gz|xz))?$/i.test(name);
  const first = await bytes.line(named ? limits.lineBytes : limits.documentBytes);
  if (first === undefined) {
    if (!named) yield refused(0, 'empty', 'There is nothing in it.');
  } else if (!named && first !== tooLarge && !looksLikeJson(first)) {
    yield refused(first.length, 'not-json', 'It is neither JSON nor an archive this can read.');
  } else if (!named && (await bytes.head(1)).length === 0) {
    if (first === tooLarge) yield refused(0, 'too-large', largeText(limits.documentBytes));
    else yield document(first, skip);
  } else if (named || first === tooLarge || isWhole(first)) {
    yield* lines(bytes, first, limits, skip);
  } else {
    const rest = await bytes.rest(limits.documentBytes - first.length);
    if (rest === tooLarge) yield refused(0, 'too-large', largeText(limits.documentBytes));
    else yield document(Buffer.concat([first, Buffer.from('\n'), rest]), skip);
  }
}

async function* lines(
  bytes: ByteReader,
  first: Buffer | typeof tooLarge,
  limits: DocumentLimits,
  skip: () => boolean,
): AsyncGenerator<Document> {
  let line = 1;
  for (
    let text: Buffer | typeof tooLarge | undefined = first;
    text !== undefined;
    text = await bytes.line(limits.lineBytes), line += 1
  ) {
    if (text === tooLarge) yield { line, ...refused(0, 'too-large', largeText(limits.lineBytes)) };
    else if (!isBlank(text)) yield { line, ...document(text, skip) };
  }
}

function document(text: Buffer, skip: () => boolean): Document {
  if (skip()) return { bytes: text.length, skipped: true };
  try {
    const resource = parseResourceJson(text);
    if (typeof resource['resourceType'] === 'string') {
      return { bytes: text.length, resource, digest: hash('sha256', text, 'buffer') };
    }
    return refused(text.length, 'not-a-resource', 'The object has no resourceType.');
  } catch (error) {
    if (error instanceof JsonRefused) return refused(text.length, error.code, error.message);
    throw error;
  }
}

function refused(bytes: number, code: Refusal['code'], text: string): Document {
  return { bytes, refused: { code, text } };
}

function largeText(limit: number): string {
  return `It is larger than ${Math.round(limit / megabyte)} MB.`;
}

/** Begins with a brace or a bracket, or with nothing yet. */
function looksLikeJson(line: Buffer): boolean {
  return /^(\ufeff)?\s*([{[]|$)/.test(line.toString('utf8', 0, 64));
}

/** Spaces, tabs, the carriage return of CRLF, or a byte order mark alone. */
function isBlank(text: Buffer): boolean {
  return text.length < 64 && /^(\ufeff)?\s*$/.test(text.toString('utf8'));
}

const [quote, backslash, openBrace, closeBrace] = [0x22, 0x5c, 0x7b, 0x7d];
const [openBracket, closeBracket] = [0x5b, 0x5d];

/**
 * Whether a line has braces or brackets and closes them all: then it is no part of a larger text.
 */
function isWhole(line: Buffer): boolean {
  let depth = 0;
  let opened = false;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (quoted && byte === backslash) at += 1;
    else if (byte === quote) quoted = !quoted;
    else if (quoted) continue;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      opened = true;
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
  return opened && depth === 0 && !quoted;
}
