import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Claim } from './claim.ts';
import { memoryOf } from './harness/memory.ts';
import { startServer } from './harness/server-under-test.ts';
import { startBare } from './harness/start-bare.ts';

/** Seconds after the ready line at which nobody has asked for anything yet. */
const IDLE_SECONDS = 10;

type Taken = { first: number; again: number; bareFirst: number; bareAgain: number; idle: number };

/**
 * From the command to the ready line: over an empty folder, demo tenant included, and over one that
 * has data; then the memory of a server that nobody uses. The limits are PostgreSQL alone, made and
 * started over a folder of its own, and a Node that does nothing.
 */
export const start: Claim = {
  name: 'start',
  summary: 'first start, start with existing data, memory when idle',
  async run(bench) {
    const taken: Taken[] = [];
    for (let run = 1; run <= bench.runs; run += 1) taken.push(await once(bench, run));
    const bareNode = await bareMemory(bench);
    const runs = (of: (one: Taken) => number) => taken.map(of);
    const against = 'PostgreSQL alone, made or started';
    return [
      {
        ...{ name: 'first start', unit: 's', against },
        runs: runs(({ first }) => first),
        limits: runs(({ bareFirst }) => bareFirst),
        goal: { of: 'value', bound: 'most', target: 10 },
      },
      {
        ...{ name: 'start with data', unit: 's', against },
        runs: runs(({ again }) => again),
        limits: runs(({ bareAgain }) => bareAgain),
        goal: { of: 'value', bound: 'most', target: 2 },
      },
      {
        ...{ name: 'idle memory of Node', unit: 'MB', against: 'a Node that does nothing' },
        runs: runs(({ idle }) => idle),
        limits: taken.map(() => bareNode),
        goal: { of: 'value', bound: 'most', target: 150 },
      },
    ];
  },
};

async function once({ scratch, say }: Bench, run: number): Promise<Taken> {
  const dataFolder = await scratch.folder();
  const made = await startServer({ scratch, dataFolder });
  await made.stop();
  const server = await startServer({ scratch, dataFolder });
  await sleep(IDLE_SECONDS * 1000);
  const { now: idle } = await memoryOf(server.pid);
  await server.stop();
  const bare = await scratch.folder();
  const bareFirst = await barePostgres(scratch, bare);
  const bareAgain = await barePostgres(scratch, bare);
  const [first, again] = [made.readySeconds, server.readySeconds];
  say(
    `run ${run}: first ${first.toFixed(2)} s, with data ${again.toFixed(2)} s, ` +
      `idle ${Math.round(idle)} MB · PostgreSQL alone ${bareFirst.toFixed(2)}, ` +
      `${bareAgain.toFixed(2)} s`,
  );
  return { first, again, bareFirst, bareAgain, idle };
}

async function barePostgres(scratch: Bench['scratch'], folder: string): Promise<number> {
  const began = performance.now();
  const { stop } = await startBare(scratch, folder);
  const seconds = (performance.now() - began) / 1000;
  await stop();
  return seconds;
}

async function bareMemory({ scratch }: Bench): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
    stdio: 'ignore',
    detached: true,
  });
  const stop = scratch.onClose(async () => void child.kill('SIGKILL'));
  await sleep(1_000);
  const { now } = await memoryOf(child.pid ?? 0);
  await stop();
  return now;
}
