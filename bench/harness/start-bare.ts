import { openLog } from '../../src/platform/log.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import type { Scratch } from './scratch.ts';

/** The embedded PostgreSQL without a server in front of it. */
export async function startBare(scratch: Scratch, folder: string) {
  const starting = startEmbedded(folder, openLog('silent'));
  // Told before it runs: Ctrl-C in between waits for it and stops it.
  const stop = scratch.onClose(() =>
    starting.then(
      (embedded) => embedded.stop(),
      () => undefined,
    ),
  );
  const { url } = await starting;
  return { url, stop };
}
