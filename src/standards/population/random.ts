/**
 * A stream of pseudo-random numbers (sfc32: small, fast, counter based; passes PractRand).
 * The four words of state are seed, seed's upper half with the stream, and index, so two streams
 * never start alike. Only integer arithmetic and exact divisions: the same on every machine.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number, index: number, stream: number) {
    this.#a = seed | 0;
    this.#b = (Math.floor(seed / 0x1_0000_0000) & 0x1f_ffff) ^ (stream << 21);
    this.#c = index | 0;
    // 15 rounds: every bit of the state has reached every other.
    for (let round = 0; round < 15; round += 1) this.word();
  }

  /** 32 bits, as an unsigned integer. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, not including, 1. */
  unit(): number {
    return this.word() / 0x1_0000_0000;
  }

  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  /** A whole number, both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Mean 0, deviation 1, within ±6: the sum of 12 uniforms, since logarithms differ by machine. */
  normal(): number {
    let sum = -6;
    for (let draw = 0; draw < 12; draw += 1) sum += this.unit();
    return sum;
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[Math.floor(this.unit() * list.length)];
    if (chosen === undefined) throw new RangeError('pick from an empty list');
    return chosen;
  }

  /** One row, as likely as its weight. */
  weighted<T>(list: readonly T[], weight: (row: T) => number): T {
    let left = this.unit() * list.reduce((sum, row) => sum + weight(row), 0);
    for (const row of list) {
      left -= weight(row);
      if (left < 0) return row;
    }
    return this.pick(list);
  }

  /** From a list ordered by frequency: the first is about six times as likely as the thirtieth. */
  frequent<T>(list: readonly T[]): T {
    const skewed = this.unit() * (0.35 + 0.65 * this.unit());
    return list[Math.floor(skewed * list.length)] ?? this.pick(list);
  }

  digits(count: number): string {
    let text = '';
    for (let digit = 0; digit < count; digit += 1) text += this.integer(0, 9);
    return text;
  }

  /** A version 4 UUID (RFC 9562 section 5.4). */
  uuid(): string {
    const [a, b, c, d] = [this.word(), this.word(), this.word(), this.word()].map((word) =>
      word.toString(16).padStart(8, '0'),
    ) as [string, string, string, string];
    const variant = '89ab'[Number.parseInt(c.slice(0, 1), 16) & 3];
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }
}
