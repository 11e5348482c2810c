/** What a piece of work is about, so that it waits for what it must not overtake. */
export type Claim = {
  /** The records it writes under names of their own, as `Type/id`. */
  readonly names: readonly string[];
  /** Which records it writes depends on what is stored: nothing may run beside it. */
  readonly alone: boolean;
  /** Of text it holds in memory. */
  readonly bytes: number;
};

/** Text held by work under way, parsed about five times as much; a larger piece runs by itself. */
const HELD_BYTES = 16 * 1024 * 1024;

/** Runs work at most `width` at a time; two pieces that write the same record keep their order. */
export class Turns {
  readonly #width: number;
  readonly #running = new Set<Claim>();
  readonly #names = new Set<string>();
  #bytes = 0;
  #wake: () => void = () => undefined;
  #failure: { error: unknown } | undefined;

  constructor(width: number) {
    this.#width = width;
  }

  /** Resolves when the work has begun, not when it has ended. Throws what earlier work threw. */
  async start(claim: Claim, work: () => Promise<void>): Promise<void> {
    while (!this.#fits(claim) && this.#failure === undefined) await this.#next();
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#running.add(claim);
    this.#bytes += claim.bytes;
    for (const name of claim.names) this.#names.add(name);
    void work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#ended(claim));
  }

  /** Resolves when nothing runs any more. Throws what the first failed work threw. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await this.#next();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #fits(claim: Claim): boolean {
    if (this.#running.size === 0) return true;
    if (this.#running.size >= this.#width || claim.alone) return false;
    if (this.#bytes + claim.bytes > HELD_BYTES) return false;
    for (const running of this.#running) if (running.alone) return false;
    return claim.names.every((name) => !this.#names.has(name));
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #ended(claim: Claim): void {
    this.#running.delete(claim);
    this.#bytes -= claim.bytes;
    for (const name of claim.names) this.#names.delete(name);
    this.#wake();
  }
}
