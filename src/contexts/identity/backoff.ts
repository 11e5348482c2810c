/**
 * How long the next proof has to wait after failures in a row: never for good, so that nobody can
 * lock a doctor out, and long enough that guessing is hopeless (cap: 96 guesses a day).
 */
export type Backoff = { readonly free: number; readonly firstMs: number; readonly mostMs: number };

const MINUTE_MS = 60_000;

export const accountBackoff: Backoff = { free: 5, firstMs: MINUTE_MS, mostMs: 15 * MINUTE_MS };
/** A clinic shares one address: it may mistype ten times as often as one account. */
export const addressBackoff: Backoff = { free: 50, firstMs: MINUTE_MS, mostMs: 15 * MINUTE_MS };

/** Failures are forgotten after a day without one. */
export const FORGET_MS = 24 * 60 * MINUTE_MS;

/** From when the next attempt is heard, after this many failures in a row, the last one at `at`. */
export function heardFrom(backoff: Backoff, failures: number, at: Date): Date {
  const beyond = failures - backoff.free;
  if (beyond < 0) return at;
  const wait = beyond > 20 ? backoff.mostMs : backoff.firstMs * 2 ** beyond;
  return new Date(at.getTime() + Math.min(wait, backoff.mostMs));
}
