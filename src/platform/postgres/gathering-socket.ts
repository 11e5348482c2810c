import { Socket } from 'node:net';

/**
 * A connection to PostgreSQL that sends what one turn of the event loop writes in one go: BEGIN, the
 * statements issued without waiting and COMMIT then cost one system call (about 10 µs each here).
 */
export class GatheringSocket extends Socket {
  #gathering = false;

  override write(chunk: unknown, second?: unknown, third?: unknown): boolean {
    if (!this.#gathering) {
      this.#gathering = true;
      this.cork();
      process.nextTick(() => {
        this.#gathering = false;
        this.uncork();
      });
    }
    // The overloads of Writable.write, passed on as they came.
    return Reflect.apply(super.write, this, [chunk, second, third]) as boolean;
  }
}
