import type { Log } from '../platform/log.ts';
import type { Say } from '../store.ts';

/** What takes long is told to the person in front; a log collector gets it as a line of the log. */
export function progress(log: Log): Say {
  if (!process.stderr.isTTY) return (line) => log.info(line);
  return (line) => void process.stderr.write(`${line}\n`);
}
