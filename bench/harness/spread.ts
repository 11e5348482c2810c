/** Requests of one run: how many a second, and how long they took in milliseconds. */
export type Spread = {
  readonly count: number;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
};

export function spreadOf(millis: number[], seconds: number): Spread {
  millis.sort((a, b) => a - b);
  const at = (share: number) =>
    millis[Math.min(millis.length - 1, Math.floor(millis.length * share))] ?? Number.NaN;
  return { count: millis.length, rate: millis.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** Spreads n over 0…size-1 without order and always the same way, so an answer can be checked. */
export function scatter(n: number, size: number): number {
  const mixed = Math.imul(n + 1, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % size;
}

/** `3100/s p50 8.1 p99 40.2 ms`, for a line of progress. */
export function spreadText({ rate, p50, p99 }: Spread): string {
  return `${Math.round(rate)}/s p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`;
}
