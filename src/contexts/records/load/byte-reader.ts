const newline = 0x0a;
const empty: Buffer = Buffer.alloc(0);

/** Stands for a line or a document that was longer than its limit: skipped, not kept. */
export const tooLarge = Symbol('too large');

/** Reads a stream of bytes by head, line or whole, holding no more than what is asked for. */
export class ByteReader implements AsyncIterable<Buffer> {
  #source: AsyncIterator<Uint8Array>;
  #left: Buffer = empty;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The first bytes, up to `count`, without consuming them. */
  async head(count: number): Promise<Buffer> {
    while (this.#left.length < count) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      this.#left = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    }
    return this.#left.subarray(0, count);
  }

  /**
   * The next line without its newline; undefined at the end; a longer one than `limit` is skipped.
   */
  async line(limit: number): Promise<Buffer | typeof tooLarge | undefined> {
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = this.#left.length > 0 ? this.#left : await this.#next();
      this.#left = empty;
      if (chunk === undefined) {
        if (length > limit) return tooLarge;
        return length === 0 ? undefined : joined(parts);
      }
      const end = chunk.indexOf(newline);
      const part = end < 0 ? chunk : chunk.subarray(0, end);
      length += part.length;
      if (length > limit) parts.length = 0;
      else parts.push(part);
      if (end < 0) continue;
      this.#left = chunk.subarray(end + 1);
      return length > limit ? tooLarge : joined(parts);
    }
  }

  /** Everything that is left; stops reading as soon as it is more than `limit`. */
  async rest(limit: number): Promise<Buffer | typeof tooLarge> {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const chunk of this) {
      length += chunk.length;
      if (length > limit) return tooLarge;
      parts.push(chunk);
    }
    return joined(parts);
  }

  /** What is left, in chunks. Whoever stops early lets go of the source. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const chunk = this.#left.length > 0 ? this.#left : await this.#next();
        this.#left = empty;
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      await this.close();
    }
  }

  /** Lets go of the source before its end. */
  async close(): Promise<void> {
    this.#left = empty;
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.return?.();
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#ended) return undefined;
    const next = await this.#source.next();
    if (next.done) {
      this.#ended = true;
      return undefined;
    }
    const { buffer, byteOffset, byteLength } = next.value;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
}

function joined(parts: Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}
