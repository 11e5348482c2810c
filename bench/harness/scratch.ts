import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders and processes of one claim: all of them are gone when it closes. */
export type Scratch = {
  /** An empty folder under the machine's temporary one. */
  folder(): Promise<string>;
  /** Run at the end, last first, unless told before: what it returns runs `stop` now. */
  onClose(stop: () => Promise<void>): () => Promise<void>;
  close(): Promise<void>;
};

export function openScratch(): Scratch {
  const stops: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const onClose: Scratch['onClose'] = (stop) => {
    let done: Promise<void> | undefined;
    const once = () => {
      done ??= stop();
      return done;
    };
    // Ctrl-C may fall between a process and the line that would have stopped it.
    if (closing === undefined) stops.push(once);
    else void once();
    return once;
  };
  return {
    onClose,
    async folder() {
      if (closing !== undefined) throw new Error('The bench is ending.');
      const path = await mkdtemp(join(tmpdir(), 'medconnect-bench-'));
      onClose(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
      // Under root PostgreSQL runs as another user, who must be able to walk through.
      await chmod(path, 0o711);
      return path;
    },
    close() {
      closing ??= closeAll(stops);
      return closing;
    },
  };
}

async function closeAll(stops: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
    await stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
