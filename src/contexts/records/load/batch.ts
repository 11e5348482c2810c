/** Where something stood. File and member names may be a patient's: show them, do not log them. */
export interface Source {
  file: string;
  /** The path inside an archive; archives inside archives are joined by `!`. */
  member?: string;
  /** From 1; absent for a document that is the whole file or member. */
  line?: number;
}

/**
 * Where to go on after an interruption. `key` names the file by digest (path, size and time of its
 * last change), so it tells nothing and a changed file starts anew. `ordinal` counts everything
 * that was found in the file, refusals included; it is the same in every run.
 */
export interface Position {
  key: string;
  ordinal: number;
}

/** How far the reading is, in bytes as they lie on the disk (compressed, if they are). */
export interface Progress {
  position: Position;
  bytesRead: number;
  bytesTotal: number;
}

type RefusalCode =
  | 'not-found'
  | 'unreadable'
  | 'damaged'
  | 'unsupported'
  | 'nested'
  | 'too-large'
  | 'empty'
  | 'not-utf8'
  | 'not-json'
  | 'too-deep'
  | 'too-much'
  | 'duplicate-key'
  | 'not-an-object'
  | 'not-a-resource';

/** Why something cannot be read: a sentence that never quotes what it is about. */
export interface Refusal {
  code: RefusalCode;
  text: string;
}

export type JsonObject = Record<string, unknown>;

export interface Unit {
  source: Source;
  /** Its own place in the file, as in Position. */
  ordinal: number;
  /** SHA-256 of its text. */
  digest: Buffer;
  /** Of its text. */
  bytes: number;
  /** As parseResourceJson gives it: its decimals keep how they were written. */
  resource: JsonObject;
}

/** What the reader yields; `position` is behind everything the batch holds. */
export type Batch = Progress &
  (
    | { kind: 'bundle'; unit: Unit }
    | { kind: 'resources'; units: Unit[] }
    | { kind: 'refused'; source: Source; refused: Refusal }
    /** Left out without fault, such as a README beside the data. */
    | { kind: 'ignored'; source: Source }
    /** The file is read to its end. */
    | { kind: 'end'; source: Source }
  );

/** `folder/file.tar.xz!member.ndjson:12` */
export function sourceText(source: Source): string {
  const member = source.member === undefined ? '' : `!${source.member}`;
  const line = source.line === undefined ? '' : `:${source.line}`;
  return `${source.file}${member}${line}`;
}
