/** Concepts of one code system, a bit each: 44 KB for all of SNOMED CT. In their order. */
export class ConceptSet {
  readonly #bits: Uint32Array;
  #size = 0;

  /** `of`: how many concepts there are. */
  constructor(of: number) {
    this.#bits = new Uint32Array((of + 31) >>> 5);
  }

  get size(): number {
    return this.#size;
  }

  has(concept: number): boolean {
    return ((this.#bits[concept >>> 5] ?? 0) & (1 << (concept & 31))) !== 0;
  }

  /** false: it was there already. */
  add(concept: number): boolean {
    const word = concept >>> 5;
    const bit = 1 << (concept & 31);
    const bits = this.#bits[word] ?? 0;
    if ((bits & bit) !== 0) return false;
    this.#bits[word] = bits | bit;
    this.#size += 1;
    return true;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let word = 0; word < this.#bits.length; word += 1) {
      for (let bits = this.#bits[word] ?? 0; bits !== 0; bits &= bits - 1) {
        yield word * 32 + 31 - Math.clz32(bits & -bits);
      }
    }
  }
}
