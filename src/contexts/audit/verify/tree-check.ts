import {
  appendLeaf,
  emptyFrontier,
  type Frontier,
  rootOf,
} from '../../../standards/transparency/merkle-tree.ts';
import type { Defect } from './defect.ts';

/** A head that was signed, its signature already checked. */
export type SignedHead = { readonly size: number; readonly root: Buffer };

/** Grows the tree leaf by leaf and holds it against every signed head it passes. */
export class TreeCheck {
  #frontier: Frontier = emptyFrontier;
  #heads: SignedHead[] = [];
  #agreed = 0;

  get size(): number {
    return this.#frontier.size;
  }

  get root(): Buffer {
    return rootOf(this.#frontier);
  }

  /** Heads to come, in any order; those already passed are dropped. */
  expect(heads: readonly SignedHead[]): void {
    const coming = heads.filter((head) => head.size > this.size);
    this.#heads = [...this.#heads, ...coming].sort((a, b) => a.size - b.size);
  }

  append(leaf: Buffer): Defect | undefined {
    this.#frontier = appendLeaf(this.#frontier, leaf);
    while (this.#heads[0]?.size === this.size) {
      const head = this.#heads.shift();
      if (head !== undefined && !head.root.equals(this.root))
        return rewritten(this.#agreed + 1, head);
      this.#agreed = this.size;
    }
    return undefined;
  }

  /** What is missing when the log ends here. */
  end(): Defect | undefined {
    const furthest = this.#heads.at(-1);
    if (furthest === undefined) return undefined;
    return {
      seq: this.size + 1,
      what: 'truncated',
      says: `A checkpoint was signed over ${furthest.size} events, the log ends after ${this.size}.`,
    };
  }
}

function rewritten(first: number, head: SignedHead): Defect {
  return {
    seq: first,
    what: 'rewritten',
    says:
      `The events ${first} to ${head.size} are not those the checkpoint of size ${head.size} ` +
      'was signed over: they were rewritten together with their hashes.',
  };
}
