import { canonicalJson } from '../../../standards/transparency/canonical-json.ts';
import { parseCheckpoint } from '../../../standards/transparency/checkpoint.ts';
import { leafHash } from '../../../standards/transparency/merkle-tree.ts';
import { openNote, parseVerifierKey } from '../../../standards/transparency/signed-note.ts';
import { chained, startOf } from '../batch.ts';
import type { Defect } from './defect.ts';
import { type ExportHeader, type ExportLine, isHeader, isLine } from './export-line.ts';
import { linesOf } from './line-stream.ts';
import { type SignedHead, TreeCheck } from './tree-check.ts';

/** What an auditor brings: the log's public key (vkey) and a checkpoint received earlier. */
export type Trusted = { readonly publicKey: string; readonly checkpoint: string };

export type ExportVerdict = {
  readonly status: 'valid' | 'broken';
  /** Events read. */
  readonly checked: number;
  /** Events the checkpoint covers; later ones are only chained to them. */
  readonly signed: number;
  /** The first ones, at most 20. */
  readonly defects: readonly Defect[];
};

const MOST_DEFECTS = 20;

/**
 * Checks an exported log with nothing but a public key and a checkpoint: no database, no network,
 * no trust in whoever exported it. Tells each defect with its sequence number.
 */
export async function verifyExport(
  source: AsyncIterable<Buffer | string>,
  trusted: Trusted,
): Promise<ExportVerdict> {
  const check = new ExportCheck();
  let header: ExportHeader | undefined;
  try {
    for await (const text of linesOf(source)) {
      const value = parse(text);
      if (header !== undefined) check.line(value, header.tenant);
      else if (isHeader(value)) {
        header = value;
        check.begin(header, openTrusted(trusted, header.origin));
      } else check.tell(unreadable(0, 'The file does not begin with the header of an export.'));
      if (check.full || header === undefined) break;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    check.tell(unreadable(check.seq + 1, `Line ${check.seq + 2} is too long.`));
  }
  if (header === undefined && check.defects.length === 0) {
    check.tell(unreadable(0, 'The file is empty.'));
  }
  check.end(header);
  return check.verdict();
}

function openTrusted({ publicKey, checkpoint }: Trusted, origin: string): SignedHead | Defect {
  const says = (why: string): Defect => ({ seq: 0, what: 'checkpoint-forged', says: why });
  const verifier = parseVerifierKey(publicKey);
  if (verifier === undefined) return says('The public key is not an Ed25519 verifier key.');
  const text = openNote(checkpoint, [verifier]);
  if (text === undefined) return says('The checkpoint is not signed by this public key.');
  const head = parseCheckpoint(text);
  if (head?.origin === origin) return head;
  return says(`The checkpoint is of another log than the export, which is of ${origin}.`);
}

class ExportCheck {
  readonly defects: Defect[] = [];
  readonly #tree = new TreeCheck();
  #chain: Buffer = Buffer.alloc(0);
  #signed = 0;
  seq = 0;
  #read = 0;

  get full(): boolean {
    return this.defects.length >= MOST_DEFECTS;
  }

  tell(defect: Defect): void {
    if (!this.full) this.defects.push(defect);
  }

  begin(header: ExportHeader, head: SignedHead | Defect): void {
    this.#chain = startOf(header.tenant).chain;
    if ('what' in head) {
      this.tell(head);
      return;
    }
    this.#signed = head.size;
    this.#tree.expect([head]);
  }

  line(value: unknown, tenant: number): void {
    if (!isLine(value)) {
      this.seq += 1;
      this.tell(unreadable(this.seq, `Event ${this.seq} cannot be read.`));
      return;
    }
    this.#order(value.seq);
    this.seq = value.seq;
    this.#read += 1;
    const leaf = Buffer.from(value.leaf, 'base64');
    const edited = leaf.length === 32 ? contentFault(value, leaf, tenant) : 'edited';
    if (edited !== undefined) this.tell(told(value.seq, edited));
    const before = this.#chain;
    this.#chain = Buffer.from(value.chain, 'base64');
    if (leaf.length !== 32 || this.#chain.length !== 32) return;
    if (!chained(before, leaf, value.seq).equals(this.#chain)) {
      const says = `The chain breaks at event ${value.seq}: it or the one before was put in or moved.`;
      if (edited === undefined) this.tell({ seq: value.seq, what: 'rewritten', says });
    }
    const disagrees = this.#tree.append(leaf);
    if (disagrees !== undefined) this.tell(disagrees);
  }

  #order(seq: number): void {
    const expected = this.seq + 1;
    if (seq === expected) return;
    const says =
      seq > expected
        ? `The events ${expected} to ${seq - 1} are missing.`
        : `Event ${seq} stands after event ${this.seq}.`;
    this.tell({
      seq: Math.min(seq, expected),
      what: seq > expected ? 'deleted' : 'reordered',
      says,
    });
  }

  end(header: ExportHeader | undefined): void {
    if (this.full || header === undefined) return;
    const after = `the file ends after ${this.seq}.`;
    if (this.seq < this.#signed) {
      this.#cut(`The checkpoint was signed over ${this.#signed} events, ${after}`);
    } else if (this.seq < header.size) {
      this.#cut(`The header announces ${header.size} events, ${after}`);
    }
  }

  #cut(says: string): void {
    this.tell({ seq: this.seq + 1, what: 'truncated', says });
  }

  verdict(): ExportVerdict {
    const status = this.defects.length === 0 ? 'valid' : 'broken';
    return { status, checked: this.#read, signed: this.#signed, defects: this.defects };
  }
}

function contentFault(line: ExportLine, leaf: Buffer, tenant: number): Defect['what'] | undefined {
  if (line.event === null) return 'deleted';
  const isSame = leafHash(canonicalJson(line.event)).equals(leaf);
  return isSame && line.event['tenant'] === tenant ? undefined : 'edited';
}

function told(seq: number, what: Defect['what']): Defect {
  const says =
    what === 'deleted'
      ? `Event ${seq} was deleted from the database before the export.`
      : `Event ${seq} was edited: its content is not what its hash was made of.`;
  return { seq, what, says };
}

function unreadable(seq: number, says: string): Defect {
  return { seq, what: 'unreadable', says };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
