/** The values that generated code names: k0, k1, … */
export class Constants {
  readonly values: unknown[] = [];
  readonly names: string[] = [];
  readonly #numbers = new Map<unknown, string>();

  add(value: unknown): string {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const name = `k${this.values.length}`;
    this.values.push(value);
    this.names.push(name);
    this.#numbers.set(value, name);
    return name;
  }
}
