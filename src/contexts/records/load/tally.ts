import type { Progress } from './batch.ts';
import type { Piece } from './piece.ts';
import type { LoadProgress } from './progress-bar.ts';

export type LoadSum = {
  /** Resources stored by this run, by their type. */
  readonly stored: ReadonlyMap<string, number>;
  readonly resources: number;
  /** Bundles and single resources that were stored already. */
  readonly loadedBefore: number;
  /** Refused, by the runs this one went on from as well. */
  readonly refused: number;
  readonly elapsedMs: number;
  /** It was asked to stop before its end, and goes on from there when it is run again. */
  readonly stopped: boolean;
};

/** What a load has done so far. */
export class Tally {
  readonly #stored = new Map<string, number>();
  readonly #startedAt = performance.now();
  #resources = 0;
  #bytes = { bytesRead: 0, bytesTotal: 0 };
  #bytesSkipped: number | undefined;
  loadedBefore = 0;
  refused: number;

  constructor(refused: number) {
    this.refused = refused;
  }

  read({ bytesRead, bytesTotal }: Progress): void {
    // What an earlier run has done is passed over before the first batch comes.
    this.#bytesSkipped ??= bytesRead;
    this.#bytes = { bytesRead: Math.max(bytesRead, this.#bytes.bytesRead), bytesTotal };
  }

  stored(pieces: readonly Piece[]): void {
    for (const { entries } of pieces) {
      for (const { type, resource } of entries) {
        if (resource === undefined) continue;
        this.#resources += 1;
        this.#stored.set(type, (this.#stored.get(type) ?? 0) + 1);
      }
    }
  }

  /** `resumed`: the first batch's bytes were not read by this run's own work. */
  progress(resumed: boolean): LoadProgress {
    return {
      ...this.#bytes,
      ...(resumed ? { bytesSkipped: this.#bytesSkipped ?? 0 } : {}),
      ...{ resources: this.#resources, refused: this.refused },
      elapsedMs: performance.now() - this.#startedAt,
    };
  }

  sum(stopped: boolean): LoadSum {
    const { loadedBefore, refused } = this;
    const elapsedMs = performance.now() - this.#startedAt;
    const resources = this.#resources;
    return { stored: this.#stored, resources, loadedBefore, refused, elapsedMs, stopped };
  }
}
