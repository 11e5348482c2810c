import { Problem } from '../../../platform/problem.ts';
import type { Runner, Work } from '../job/runner.ts';
import { storing } from '../load/attempt.ts';
import type { Unit } from '../load/batch.ts';
import { ByteReader } from '../load/byte-reader.ts';
import { deliver } from '../load/deliver.ts';
import { type Document, documents } from '../load/document.ts';
import { claimOf, labelOf, type Piece, pieceOf } from '../load/piece.ts';
import { Turns } from '../load/turns.ts';
import { recordKinds } from '../problems.ts';
import { refreshStatistics } from '../statistics.ts';
import type { Store } from '../store.ts';
import { type AnswerFolder, newSecret } from './answer-folder.ts';
import { refusedLine } from './import-line.ts';
import type { ImportOrder } from './import-order.ts';
import { sourceOf } from './import-source.ts';
import type { AnswerFile, FileAnswer } from './manifest.ts';
import { outcomeLine } from './outcome-line.ts';

export type ImportParts = { readonly store: Store; readonly folder: AnswerFolder };

/** Resources of one transaction, their text, and transactions at once: as a load from files has. */
const BATCH = 100;
const BATCH_BYTES = 2 * 1024 * 1024;
const WIDTH = 3;
/** Lines after which what was done is kept; so much is looked at again after a crash. */
const STRETCH = 5_000;
/** Put off to the end because they refer to what may still come; beyond it they are refused. */
const MOST_EARLY = 5_000;
const MIB = 1024 * 1024;

type Kept = {
  readonly secret: string;
  /** Of which input, and lines of it that are done. */
  input: number;
  line: number;
  readonly stored: Record<string, number>;
  refused: number;
  readonly files: AnswerFile[];
};

/**
 * Bulk import: every line in a transaction with its neighbours, decided and audited as any write.
 * What was stored is marked in the transaction that stores it, so going on stores nothing twice.
 */
export function importRunner(parts: ImportParts): Runner {
  return {
    resumes: true,
    run: (work) => new Importing(parts, work).run(),
    discard: (tenant, job) => parts.folder.remove(tenant, job),
  };
}

class Importing {
  readonly #parts: ImportParts;
  readonly #work: Work;
  readonly #order: ImportOrder;
  readonly #kept: Kept;
  #refusedLines: Buffer[] = [];
  #early: Piece[] = [];

  constructor(parts: ImportParts, work: Work) {
    this.#parts = parts;
    this.#work = work;
    this.#order = work.asked as ImportOrder;
    const begun: Kept = {
      ...{ secret: newSecret(), input: 0, line: 0, stored: {}, refused: 0, files: [] },
    };
    this.#kept = (work.kept as Kept | undefined) ?? begun;
  }

  async run(): Promise<FileAnswer> {
    const { store, folder } = this.#parts;
    const { id, caller } = this.#work;
    const { tenant } = caller.principal;
    const at = store.now().toISOString();
    await folder.prepare(tenant, id);
    const { inputs } = this.#order;
    while (this.#kept.input < inputs.length) {
      await this.#read(this.#kept.input);
      this.#kept.input += 1;
      this.#kept.line = 0;
      await this.#keep();
    }
    if (this.#order.upload !== undefined) await folder.remove(tenant, this.#order.upload);
    await refreshStatistics(store.database);
    const { secret, files } = this.#kept;
    const summary = await this.#summary();
    return { at, request: this.#order.request, secret, files: [summary, ...files], told: [] };
  }

  async #read(index: number): Promise<void> {
    const input = this.#order.inputs[index];
    if (input === undefined) return;
    const { tenant } = this.#work.caller.principal;
    const bytes = await sourceOf(this.#parts.folder, tenant, this.#order, input);
    const reader = new ByteReader(bytes);
    const limits = { lineBytes: 50 * MIB, documentBytes: 50 * MIB };
    const done = this.#kept.line;
    let line = 0;
    let turns = new Turns(WIDTH);
    let units: Unit[] = [];
    let held = 0;
    const flush = async () => {
      const batch = units;
      units = [];
      held = 0;
      await this.#send(batch, turns);
    };
    try {
      for await (const document of documents(reader, '.ndjson', limits, () => line < done)) {
        this.#work.signal.throwIfAborted();
        line += 1;
        const unit = this.#unitOf(document, index, line);
        if (unit !== undefined) {
          units.push(unit);
          held += unit.bytes;
        }
        if (units.length >= BATCH || held >= BATCH_BYTES) await flush();
        if (line % STRETCH !== 0 || line <= done) continue;
        await flush();
        await turns.idle();
        turns = new Turns(WIDTH);
        // What is put off is read again after a crash, and with it what follows: marked as stored.
        const [first] = this.#early;
        this.#kept.line = first === undefined ? line : first.ordinal - 1;
        await this.#keep();
      }
      await flush();
    } finally {
      await turns.idle();
      await reader.close();
    }
    await this.#again();
  }

  #unitOf(document: Document, index: number, ordinal: number): Unit | undefined {
    if ('skipped' in document) return undefined;
    const line = document.line ?? ordinal;
    const source = { file: `input ${index + 1}`, line };
    if ('refused' in document) {
      this.#refuse(source, 'line', new Problem(recordKinds.notJson, document.refused.text));
      return undefined;
    }
    const { resource, digest, bytes } = document;
    const input = this.#order.inputs[index];
    const expected = input?.from === 'url' ? input.type : undefined;
    if (expected !== undefined && resource['resourceType'] !== expected) {
      const text = `The input was said to hold ${expected}, and this is another type.`;
      this.#refuse(source, labelOf(resource), new Problem(recordKinds.mismatch, text));
      return undefined;
    }
    return { source, ordinal, digest, bytes, resource };
  }

  async #send(units: readonly Unit[], turns: Turns): Promise<void> {
    if (units.length === 0) return;
    const pieces = units.map(pieceOf);
    const bytes = units.reduce((sum, unit) => sum + unit.bytes, 0);
    await turns.start(claimOf(pieces, bytes), () =>
      this.#deliver(pieces, (piece) => {
        if (this.#early.length < MOST_EARLY) {
          this.#early.push(piece);
          return;
        }
        const text = 'It refers to what is not stored, and too many such lines wait already.';
        this.#refuse(piece.source, piece.label, new Problem(recordKinds.preconditionFailed, text));
      }),
    );
  }

  /** What referred to something that came later. */
  async #again(): Promise<void> {
    const pieces = this.#early;
    this.#early = [];
    for (let at = 0; at < pieces.length; at += BATCH) {
      await this.#deliver(pieces.slice(at, at + BATCH), undefined);
    }
  }

  async #deliver(
    pieces: readonly Piece[],
    early: ((piece: Piece) => void) | undefined,
  ): Promise<void> {
    const { store } = this.#parts;
    const { caller, id } = this.#work;
    await deliver(pieces, {
      attempt: storing({ store, caller, round: id }),
      together: true,
      stored: (those) => this.#count(those),
      // By this import itself, before it was interrupted.
      loadedBefore: () => undefined,
      refused: ({ source, label }, problem) => this.#refuse(source, label, problem),
      ...(early === undefined ? {} : { early }),
    });
    this.#show();
  }

  #count(pieces: readonly Piece[]): void {
    const { stored } = this.#kept;
    for (const { entries } of pieces) {
      for (const { type } of entries) stored[type] = (stored[type] ?? 0) + 1;
    }
  }

  #refuse(source: Unit['source'], label: string, problem: Problem): void {
    this.#kept.refused += 1;
    this.#refusedLines.push(refusedLine(source, label, problem));
  }

  #show(): void {
    const all = Object.values(this.#kept.stored).reduce((sum, one) => sum + one, 0);
    this.#work.progress(`${all} records stored, ${this.#kept.refused} lines refused`);
  }

  /** The lines refused since are a file of their own, then the place is kept. */
  async #keep(): Promise<void> {
    const lines = this.#refusedLines;
    this.#refusedLines = [];
    const { tenant } = this.#work.caller.principal;
    if (lines.length > 0) {
      const name = `refused-${this.#kept.files.length + 1}`;
      const place = { tenant, job: this.#work.id, name, secret: this.#kept.secret };
      const kind = { list: 'error', type: 'OperationOutcome' } as const;
      this.#kept.files.push(await this.#parts.folder.write(place, kind, lines));
    }
    await this.#parts.store.database.transaction(tenant, (tx) => this.#work.keep(tx, this.#kept));
  }

  async #summary(): Promise<AnswerFile> {
    const { stored, refused, secret } = this.#kept;
    const lines = Object.entries(stored).map(([type, count]) =>
      outcomeLine({ severity: 'information', text: `${count} ${type} stored.` }),
    );
    if (refused > 0) {
      lines.push(outcomeLine({ severity: 'error', text: `${refused} lines were refused.` }));
    }
    const { tenant } = this.#work.caller.principal;
    const place = { tenant, job: this.#work.id, name: 'summary', secret };
    return this.#parts.folder.write(place, { list: 'output', type: 'OperationOutcome' }, lines);
  }
}
