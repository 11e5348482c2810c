import type { DataKey } from './data-key.ts';

/** Per process, about 1 KB each. */
export const CACHED_KEYS = 20_000;
/** How long another node may still open what one node has erased. */
export const KEY_SECONDS = 60;
/** Longer than any transaction lives: until its outcome is in the table, the table is asked. */
const CONDEMNED_SECONDS = 600;
const CONDEMNED_KEYS = 100_000;

type Entry = { key: DataKey; until: number };

/** Two generations: what was used since the last turn survives the next one. */
export class KeyCache {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  readonly #condemned = new Map<string, number>();
  readonly #now: () => number;

  /** `now` in milliseconds, never going back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(tenant: number, subject: bigint): DataKey | undefined {
    const name = nameOf(tenant, subject);
    let entry = this.#young.get(name);
    if (entry === undefined) {
      entry = this.#old.get(name);
      if (entry === undefined) return undefined;
      this.#old.delete(name);
      this.#keep(name, entry);
    }
    if (this.#now() < entry.until) return entry.key;
    this.#young.delete(name);
    return undefined;
  }

  /** Only keys read from committed rows: one of a transaction that rolls back must not be used. */
  set(tenant: number, subject: bigint, key: DataKey): void {
    const name = nameOf(tenant, subject);
    const until = this.#condemned.get(name);
    if (until !== undefined) {
      if (this.#now() < until) return;
      this.#condemned.delete(name);
    }
    this.#old.delete(name);
    this.#keep(name, { key, until: this.#now() + KEY_SECONDS * 1000 });
  }

  /**
   * Erases the key here and keeps it out: a read that began before the erasing transaction commits
   * must not put it back. Should that transaction roll back, the table is asked for ten minutes.
   */
  condemn(tenant: number, subject: bigint): void {
    const name = nameOf(tenant, subject);
    (this.#young.get(name) ?? this.#old.get(name))?.key.erase();
    this.#young.delete(name);
    this.#old.delete(name);
    const oldest = this.#condemned.keys().next();
    if (this.#condemned.size >= CONDEMNED_KEYS && !oldest.done)
      this.#condemned.delete(oldest.value);
    this.#condemned.set(name, this.#now() + CONDEMNED_SECONDS * 1000);
  }

  #keep(name: string, entry: Entry): void {
    if (this.#young.size >= CACHED_KEYS / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, entry);
  }
}

function nameOf(tenant: number, subject: bigint): string {
  return `${tenant}/${subject}`;
}
