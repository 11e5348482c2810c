import type { Position } from './batch.ts';

type Open = { ordinal: number; finished: boolean };
type File = { done: number; open: Open[] };

/** How far each file is done: up to where nothing is missing, whatever finished first. */
export class Marks {
  readonly #files = new Map<string, File>();

  constructor(done: ReadonlyMap<string, number>) {
    for (const [key, ordinal] of done) this.#files.set(key, { done: ordinal, open: [] });
  }

  /** Everything up to this position is under way; call what it returns when that is done. */
  begin({ key, ordinal }: Position): () => void {
    const file = this.#files.get(key) ?? { done: 0, open: [] };
    this.#files.set(key, file);
    const open = { ordinal, finished: false };
    file.open.push(open);
    return () => {
      open.finished = true;
      while (file.open[0]?.finished === true) file.done = file.open.shift()?.ordinal ?? file.done;
    };
  }

  /** Infinity: the whole file. */
  done(): Map<string, number> {
    return new Map([...this.#files].map(([key, { done }]) => [key, done]));
  }
}
