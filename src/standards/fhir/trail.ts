/**
 * Where a walk through a resource stands. Two flat arrays: the text is made only when somebody
 * asks.
 */
export class Trail {
  #names: string[] = [];
  #indexes: number[] = [];
  #depth = 0;

  enter(name: string): void {
    this.#names[this.#depth] = name;
    this.#indexes[this.#depth++] = -1;
  }

  /** Which repetition of the element entered last; -1: the element as a whole. */
  at(index: number): void {
    this.#indexes[this.#depth - 1] = index;
  }

  leave(): void {
    this.#depth--;
  }

  get depth(): number {
    return this.#depth;
  }

  /** The type the walk began at. */
  get root(): string {
    return this.#names[0] ?? '';
  }

  /** Restricted FHIRPath: Patient.name[0].family. */
  toString(): string {
    let text = '';
    for (let level = 0; level < this.#depth; level++) {
      const index = this.#indexes[level] ?? -1;
      text += (level > 0 ? '.' : '') + this.#names[level] + (index >= 0 ? `[${index}]` : '');
    }
    return text;
  }
}
