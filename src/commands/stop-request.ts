export type StopRequest = { readonly request: Promise<void>; requested(): boolean };

/** A terminal and npm may both pass one Ctrl-C on: within this many milliseconds two are one. */
const ECHO_MS = 1_000;

/** The first SIGTERM or SIGINT asks to stop in order; a second one ends the process at once. */
export function stopRequest(): StopRequest {
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
  return { request: promise, requested: () => at !== undefined };
}
