import type { Log } from '../platform/log.ts';

export type StopRequest = {
  readonly request: Promise<void>;
  requested(): boolean;
  /** A defect asks too: what is written stays written, and the process ends with 1. */
  failed(): boolean;
};

/** A terminal and npm may both pass one Ctrl-C on: within this many milliseconds two are one. */
const ECHO_MS = 1_000;

/**
 * The first SIGTERM or SIGINT asks to stop in order; a second one ends the process at once. So does
 * an error nobody caught: Node would print it whole, with the row values PostgreSQL quotes.
 */
export function stopRequest(log: Log): StopRequest {
  let failed = false;
  let at: number | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = () => {
    const now = performance.now();
    if (at !== undefined && now - at > ECHO_MS) process.exit(1);
    at ??= now;
    resolve();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'a defect ends the server');
    failed = true;
    at ??= performance.now();
    resolve();
  });
  return { request: promise, requested: () => at !== undefined, failed: () => failed };
}
