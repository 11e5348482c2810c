import { asTransaction, population, type Resource } from '../src/standards/population/index.ts';
import type { Claim, Figure } from './claim.ts';
import { memoryOf } from './harness/memory.ts';
import { clientToken, type ServerUnderTest, startServer } from './harness/server-under-test.ts';

/** Just under what a body may have unless the setting says otherwise. */
const BYTES = 49 * 1024 * 1024;
/** Milliseconds between two looks whether others are answered meanwhile. */
const LOOK_MS = 5;

/**
 * One transaction of 49 MB: entries a second, how long others wait for an answer meanwhile, and how
 * much memory it takes beyond what the server had, in bodies.
 */
export const transaction: Claim = {
  name: 'transaction',
  summary: 'one transaction Bundle of 49 MB, others being answered meanwhile',
  async run(bench) {
    const { scratch } = bench;
    const rates: number[] = [];
    const waits: number[] = [];
    const bodies: number[] = [];
    for (let run = 1; run <= bench.runs; run += 1) {
      const server = await startServer({ scratch, dataFolder: await scratch.folder() });
      const { body, entries } = bundleOf(run);
      const one = await measure(server, body);
      rates.push(entries / one.seconds);
      waits.push(one.longestMs);
      bodies.push(one.extraMb / (body.length / 1024 / 1024));
      bench.say(told(run, entries, one));
      await server.stop();
    }
    return figures(rates, waits, bodies);
  },
};

type Measured = { seconds: number; longestMs: number; extraMb: number };

function told(run: number, entries: number, { seconds, longestMs, extraMb }: Measured): string {
  const rate = Math.round(entries / seconds);
  return (
    `run ${run}: ${entries} entries in ${seconds.toFixed(1)} s (${rate}/s), ` +
    `others waited ${Math.round(longestMs)} ms at most, ${Math.round(extraMb)} MB more`
  );
}

function figures(rates: number[], waits: number[], bodies: number[]): Figure[] {
  return [
    { name: 'transaction of 49 MB', unit: 'entries/s', runs: rates },
    {
      ...{ name: 'longest wait of others meanwhile', unit: 'ms', runs: waits },
      goal: { of: 'value', bound: 'most', target: 200 },
    },
    {
      ...{ name: 'memory beyond what it had', unit: 'bodies', runs: bodies },
      goal: { of: 'value', bound: 'most', target: 6 },
    },
  ];
}

async function measure(server: ServerUnderTest, body: Buffer): Promise<Measured> {
  const token = await clientToken(server);
  const { now } = await memoryOf(server.pid);
  const look = watch(server);
  const began = performance.now();
  const answer = await fetch(`${server.address}/fhir`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: new Uint8Array(body),
  });
  const text = await answer.text();
  const seconds = (performance.now() - began) / 1000;
  const longestMs = await look.end();
  if (answer.status !== 200) throw new Error(`the transaction was answered ${text.slice(0, 300)}`);
  const { peak } = await memoryOf(server.pid);
  return { seconds, longestMs, extraMb: peak - now };
}

/** Asks for something small again and again: the longest wait is what a user would have felt. */
function watch({ address }: ServerUnderTest): { end(): Promise<number> } {
  const ended = new AbortController();
  const looking = (async () => {
    let longest = 0;
    while (!ended.signal.aborted) {
      const began = performance.now();
      await (await fetch(`${address}/api/v1/health/liveness`)).text();
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return longest;
  })();
  return {
    end() {
      ended.abort();
      return looking;
    },
  };
}

function bundleOf(seed: number): { body: Buffer; entries: number } {
  const resources: Resource[] = [];
  let bytes = 0;
  for (const one of population({ seed, patients: 100_000 })) {
    for (const resource of one.resources) {
      bytes += Buffer.byteLength(JSON.stringify(resource)) + ENVELOPE;
      if (bytes > BYTES) {
        return {
          body: Buffer.from(JSON.stringify(asTransaction(resources))),
          entries: resources.length,
        };
      }
      resources.push(resource);
    }
  }
  throw new Error('too few patients for a Bundle of this size');
}

/** What an entry adds to its resource, at most. */
const ENVELOPE = 160;
