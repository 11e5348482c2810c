/** So long one request may hold the event loop before others have their turn. */
const HELD_MS = 10;

/** In long loops: `if (breath.due()) await breath.take()`. */
export class Breath {
  #since = performance.now();

  due(): boolean {
    return performance.now() - this.#since > HELD_MS;
  }

  take(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#since = performance.now();
        resolve();
      });
    });
  }
}
