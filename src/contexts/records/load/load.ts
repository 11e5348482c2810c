import { randomBytes } from 'node:crypto';
import type { Caller } from '../../../platform/principal.ts';
import { Problem } from '../../../platform/problem.ts';
import { refreshStatistics } from '../statistics.ts';
import type { Store } from '../store.ts';
import { type Attempt, checking, storing } from './attempt.ts';
import { type Batch, type Source, sourceText, type Unit } from './batch.ts';
import { type Delivery, deliver } from './deliver.ts';
import { Marks } from './marks.ts';
import { claimOf, labelOf, type Piece, pieceOf, piecesOf } from './piece.ts';
import type { LoadProgress } from './progress-bar.ts';
import type { Kept, ProgressFile } from './progress-file.ts';
import type { ReadOptions } from './read-resources.ts';
import { refusalLine } from './refusal-line.ts';
import { type LoadSum, Tally } from './tally.ts';
import { Turns } from './turns.ts';

export type BatchSource = (options: Pick<ReadOptions, 'done' | 'only'>) => AsyncIterable<Batch>;

export type LoadOrder = {
  readonly batches: BatchSource;
  /** Where it is stored and by whom; without it everything is only read and checked. */
  readonly target?: { readonly store: Store; readonly caller: Caller };
  readonly baseUrl: string;
  /** Transactions at once. */
  readonly concurrency: number;
  /** Where to note how far it is. */
  readonly progressFile?: ProgressFile;
  /** Stores again what an earlier load has stored. */
  readonly restart?: boolean;
  readonly stopped?: () => boolean;
  /** An earlier run was interrupted: it goes on from there. */
  readonly resumed?: () => void;
  readonly refused?: (line: string) => void;
  readonly progress?: (progress: LoadProgress) => void;
};

const nothing: Kept = { round: '', done: new Map(), later: new Map(), refused: 0 };

/**
 * Stores all that the batches hold: each Bundle and each group of resources in one transaction, as
 * the caller, decided and audited like anyone's. What is refused is told by a line and left out;
 * what was stored before is not stored again. Memory does not grow with the size of a load. Throws
 * when the store itself fails; run again, it goes on from there.
 */
export async function load(order: LoadOrder): Promise<LoadSum> {
  const restart = order.restart === true;
  const kept = restart ? undefined : await order.progressFile?.read();
  if (kept !== undefined) order.resumed?.();
  const round = restart ? randomBytes(8).toString('hex') : '';
  const sum = await new Loading(order, kept ?? { ...nothing, round }).run();
  if (order.target !== undefined) await refreshStatistics(order.target.store.database);
  return sum;
}

class Loading {
  readonly #order: LoadOrder;
  readonly #attempt: Attempt;
  readonly #round: string;
  readonly #resumed: boolean;
  readonly #marks: Marks;
  readonly #later: Map<string, Set<number>>;
  readonly #tally: Tally;

  constructor(order: LoadOrder, { round, done, later, refused }: Kept) {
    this.#order = order;
    this.#round = round;
    this.#attempt = order.target === undefined ? checking : storing({ ...order.target, round });
    this.#resumed = done.size > 0;
    this.#marks = new Marks(done);
    this.#later = new Map([...later].map(([key, ordinals]) => [key, new Set(ordinals)]));
    this.#tally = new Tally(refused);
  }

  async run(): Promise<LoadSum> {
    const { progressFile } = this.#order;
    // At once, so that a round begun is not forgotten.
    await progressFile?.flush(this.#kept());
    try {
      await this.#pass({ done: this.#marks.done() }, (batch, turns) => this.#take(batch, turns));
      const only = new Map([...this.#later].map(([key, ordinals]) => [key, new Set(ordinals)]));
      if (only.size > 0 && !this.#stopped()) {
        await this.#pass({ only }, (batch, turns) => this.#takeAgain(batch, turns));
      }
    } catch (error) {
      await progressFile?.flush(this.#kept());
      throw error;
    }
    const stopped = this.#stopped();
    await (stopped ? progressFile?.flush(this.#kept()) : progressFile?.remove());
    return this.#tally.sum(stopped);
  }

  async #pass(
    options: Parameters<BatchSource>[0],
    take: (batch: Batch, turns: Turns) => Promise<void>,
  ): Promise<void> {
    const turns = new Turns(this.#order.concurrency);
    try {
      for await (const batch of this.#order.batches(options)) {
        this.#tally.read(batch);
        await take(batch, turns);
        this.#show();
        if (this.#stopped()) break;
      }
    } finally {
      await turns.idle();
    }
    this.#show();
  }

  async #take(batch: Batch, turns: Turns): Promise<void> {
    const finished = this.#begun(batch);
    if (batch.kind === 'refused') {
      this.#tellRefused(`${sourceText(batch.source)} · ${batch.refused.text}`);
    }
    if (batch.kind !== 'bundle' && batch.kind !== 'resources') return finished();
    const { key } = batch.position;
    const early = ({ ordinal }: Piece) => void this.#put(key, ordinal);
    await this.#send(batch, turns, { finished, early });
  }

  /** At the second look only what was put off is there, and nothing is put off again. */
  async #takeAgain(batch: Batch, turns: Turns): Promise<void> {
    if (batch.kind !== 'bundle' && batch.kind !== 'resources') return;
    const units = batch.kind === 'bundle' ? [batch.unit] : batch.units;
    const finished = () => {
      for (const { ordinal } of units) this.#later.get(batch.position.key)?.delete(ordinal);
    };
    await this.#send(batch, turns, { finished });
  }

  async #send(
    batch: Extract<Batch, { kind: 'bundle' | 'resources' }>,
    turns: Turns,
    { finished, early }: { finished: () => void; early?: NonNullable<Delivery['early']> },
  ): Promise<void> {
    const units = batch.kind === 'bundle' ? [batch.unit] : batch.units;
    const pieces = batch.kind === 'bundle' ? this.#opened(batch.unit) : units.map(pieceOf);
    const bytes = units.reduce((sum, unit) => sum + unit.bytes, 0);
    await turns.start(claimOf(pieces, bytes), async () => {
      await deliver(pieces, {
        attempt: this.#attempt,
        together: batch.kind === 'resources',
        stored: (those) => this.#tally.stored(those),
        loadedBefore: (count) => {
          this.#tally.loadedBefore += count;
        },
        refused: ({ source, label }, problem) => this.#refuse(source, label, problem),
        ...(early === undefined ? {} : { early }),
      });
      finished();
      this.#order.progressFile?.save(() => this.#kept());
      this.#show();
    });
  }

  #opened(unit: Unit): Piece[] {
    try {
      return piecesOf(unit, this.#order.baseUrl);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#refuse(unit.source, labelOf(unit.resource), error);
      return [];
    }
  }

  #refuse(source: Source, label: string, problem: Problem): void {
    this.#tellRefused(refusalLine(source, label, problem));
  }

  #tellRefused(line: string): void {
    this.#tally.refused += 1;
    this.#order.refused?.(line);
  }

  /** A path that leads to no file has no place to note. */
  #begun({ kind, position }: Batch): () => void {
    if (position.key === '') return () => undefined;
    return this.#marks.begin(kind === 'end' ? { ...position, ordinal: Infinity } : position);
  }

  #put(key: string, ordinal: number): void {
    const ordinals = this.#later.get(key) ?? new Set();
    this.#later.set(key, ordinals.add(ordinal));
  }

  #kept(): Kept {
    const { refused } = this.#tally;
    return { round: this.#round, done: this.#marks.done(), later: this.#later, refused };
  }

  #show(): void {
    this.#order.progress?.(this.#tally.progress(this.#resumed));
  }

  #stopped(): boolean {
    return this.#order.stopped?.() === true;
  }
}
