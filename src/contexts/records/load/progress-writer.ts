import type { LoadProgress } from './progress-bar.ts';
import { progressBar, progressLine } from './progress-bar.ts';

/** What of a terminal or a file is needed: process.stderr is one. */
export interface ProgressTarget {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

// Ten pictures a second look like motion; a log wants a line now and then.
const redrawMs = 100;
const lineMs = 5000;
const clearLine = '\r\u001b[2K';

/**
 * Shows progress in place on a terminal, as lines elsewhere; lines said in between stay readable.
 */
export class ProgressWriter {
  #target: ProgressTarget;
  #now: () => number;
  #shownAt = -Infinity;
  #latest: LoadProgress | undefined;

  constructor(target: ProgressTarget, now: () => number = () => performance.now()) {
    this.#target = target;
    this.#now = now;
  }

  /** Call as often as you like: it is shown at most ten times a second, or every five seconds. */
  show(progress: LoadProgress): void {
    this.#latest = progress;
    const now = this.#now();
    if (now - this.#shownAt < (this.#target.isTTY ? redrawMs : lineMs)) return;
    this.#shownAt = now;
    this.#draw(progress);
  }

  /** A line of its own, such as a refusal, above the bar. */
  say(line: string): void {
    this.#target.write(`${this.#target.isTTY ? clearLine : ''}${line}\n`);
    if (this.#target.isTTY && this.#latest) this.#draw(this.#latest);
  }

  /** The last state, and the end of its line. */
  end(): void {
    if (this.#latest !== undefined) this.#draw(this.#latest);
    if (this.#target.isTTY) this.#target.write('\n');
    this.#latest = undefined;
  }

  #draw(progress: LoadProgress): void {
    const { isTTY, columns = 80 } = this.#target;
    // One column is left free: a full line would wrap on some terminals.
    const text = isTTY
      ? `${clearLine}${progressBar(progress, columns - 1)}`
      : `${progressLine(progress)}\n`;
    this.#target.write(text);
  }
}
