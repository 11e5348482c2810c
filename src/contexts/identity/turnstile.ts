/**
 * Lets `width` through at a time and `queue` wait; the next one is turned away with what `refusal`
 * makes, at once, so that a flood costs its sender more than us.
 */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>;

export function turnstile(width: number, queue: number, refusal: () => Error): Turnstile {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside >= width) {
      if (waiting.length >= queue) throw refusal();
      await new Promise<void>((enter) => waiting.push(enter));
    } else {
      inside += 1;
    }
    try {
      return await work();
    } finally {
      // The place passes straight to the next one, so nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  };
}
