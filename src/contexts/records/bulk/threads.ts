import { Worker } from 'node:worker_threads';
import type { PartOrder, PartSum, ThreadStart, Told } from './part.ts';

export type Threads = {
  run(order: PartOrder): Promise<PartSum>;
  /** Ends them; what runs rejects. */
  close(): Promise<void>;
};

/**
 * Two: a record costs 35 µs of opening here against 4 of PostgreSQL's, and a third would take the
 * second core of a small machine from those who wait for answers.
 */
const WIDTH = 2;
/** Records below which one thread is done before a second would have begun (0.3 s each). */
const WORTH_TWO = 10_000;

export function widthFor(records: number): number {
  return records < WORTH_TWO ? 1 : WIDTH;
}

/** Threads that live as long as one export; idle they would hold 40 MB each. */
export async function openThreads(start: ThreadStart, width: number): Promise<Threads> {
  const free: Thread[] = [];
  const waiting: ((thread: Thread) => void)[] = [];
  const opened = await Promise.allSettled(Array.from({ length: width }, () => openThread(start)));
  const all = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const one of opened) {
    if (one.status === 'fulfilled') continue;
    await Promise.all(all.map((thread) => thread.close()));
    throw one.reason;
  }
  free.push(...all);
  return {
    async run(order) {
      const thread = free.pop() ?? (await new Promise<Thread>((resolve) => waiting.push(resolve)));
      try {
        return await thread.run(order);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(thread);
        else next(thread);
      }
    },
    async close() {
      await Promise.all(all.map((thread) => thread.close()));
    },
  };
}

type Thread = { run(order: PartOrder): Promise<PartSum>; close(): Promise<void> };

async function openThread(start: ThreadStart): Promise<Thread> {
  const worker = new Worker(new URL('./part-thread.ts', import.meta.url), { workerData: start });
  let failed: Error | undefined;
  let told: { resolve: (told: Told) => void; reject: (error: unknown) => void } | undefined;
  const fail = (error: Error) => {
    failed ??= error;
    told?.reject(failed);
  };
  worker.on('message', (message: Told) => told?.resolve(message));
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a thread of the export has ended')));
  const next = async (): Promise<Told> => {
    if (failed !== undefined) throw failed;
    const answer = await new Promise<Told>((resolve, reject) => {
      told = { resolve, reject };
    });
    if ('error' in answer) throw answer.error;
    return answer;
  };
  await next();
  return {
    async run(order) {
      const answer = next();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage(order);
      const message = await answer;
      if (!('sum' in message)) throw new Error('a thread of the export told something else');
      return message.sum;
    },
    async close() {
      await worker.terminate();
    },
  };
}
