import type { Problem } from '../../../platform/problem.ts';
import { type Attempt, isEarly, isSound } from './attempt.ts';
import type { Piece } from './piece.ts';

export type Delivery = {
  readonly attempt: Attempt;
  /** Pieces may travel in one transaction: resources that stand side by side, not Bundles. */
  readonly together: boolean;
  stored(pieces: readonly Piece[]): void;
  loadedBefore(count: number): void;
  refused(piece: Piece, problem: Problem): void;
  /** Refers to what is not stored yet. Absent at the second look: then it is refused. */
  early?(piece: Piece): void;
};

/**
 * Stores every piece that can be stored: a refused one does not take its neighbours with it, and
 * what is stored already is left as it is.
 */
export async function deliver(pieces: readonly Piece[], delivery: Delivery): Promise<void> {
  if (!delivery.together || pieces.length <= 1) return oneByOne(pieces, delivery);
  const verdict = await delivery.attempt(pieces);
  if (verdict.is === 'stored') return delivery.stored(pieces);
  if (verdict.is === 'loaded-before') {
    const left = firstOf(pieces, verdict.fresh);
    delivery.loadedBefore(pieces.length - left.length);
    return deliver(left, delivery);
  }
  // Faulty ones are put aside first, so that the sound ones still travel in one transaction.
  const sound = pieces.filter(isSound);
  if (sound.length === pieces.length) return oneByOne(pieces, delivery);
  const faulty = pieces.filter((piece) => !sound.includes(piece));
  await oneByOne(faulty, delivery);
  await deliver(sound, delivery);
}

async function oneByOne(pieces: readonly Piece[], delivery: Delivery): Promise<void> {
  for (const piece of pieces) {
    const verdict = await delivery.attempt([piece]);
    if (verdict.is === 'stored') delivery.stored([piece]);
    else if (verdict.is === 'loaded-before') delivery.loadedBefore(1);
    else if (delivery.early !== undefined && isEarly(verdict.problem)) delivery.early(piece);
    else delivery.refused(piece, verdict.problem);
  }
}

/** The same text may stand twice in one batch: its first one counts. */
function firstOf(pieces: readonly Piece[], names: ReadonlySet<string>): Piece[] {
  const left = new Map<string, Piece>();
  for (const piece of pieces) {
    if (names.has(piece.name) && !left.has(piece.name)) left.set(piece.name, piece);
  }
  return [...left.values()];
}
