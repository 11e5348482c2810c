import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Claim, Figure } from './claim.ts';
import { cpuEach, cpuUse, untilIdle } from './harness/cpu-use.ts';
import { bundlesOf } from './harness/patients.ts';
import { postBundles } from './harness/post-bundles.ts';
import { stockOf } from './harness/search-shape.ts';
import { clientToken, type ServerUnderTest, startServer } from './harness/server-under-test.ts';

const RESOURCES = 100_000;
const LOOK_MS = 25;

/**
 * A system export of 100,000 records over HTTP: asked for, made, and one file after the other
 * fetched. Beside it every 25 ms the status is asked: how long that takes at most is what other
 * callers feel.
 */
export const exporting: Claim = {
  name: 'export',
  summary: `a bulk export of ${RESOURCES} records to sealed files, and their download`,
  async run(bench) {
    const { scratch, say } = bench;
    const server = await startServer({ scratch, dataFolder: await scratch.folder() });
    const token = await clientToken(server);
    const { resources } = stockOf(RESOURCES);
    const bundles = bundlesOf(resources, 200);
    await postBundles({ address: server.address, token, bundles, clients: 4 });
    say(`stored ${resources.length} resources`);
    await untilIdle(server);
    const taken: Taken[] = [];
    for (let run = 1; run <= bench.runs; run += 1) {
      taken.push(await exportOnce(bench, server, token));
      await untilIdle(server);
    }
    return figures(taken);
  },
};

type Taken = { rate: number; megabytes: number; delay: number; download: number };
type File = { url: string; count: number; extension: { bytes: number } };

async function exportOnce({ say }: Bench, server: ServerUnderTest, token: string): Promise<Taken> {
  const headers = { authorization: `Bearer ${token}`, prefer: 'respond-async' };
  const before = await cpuUse(server);
  const begun = performance.now();
  const kickOff = await fetch(`${server.address}/fhir/$export`, { headers });
  const place = kickOff.headers.get('content-location');
  if (kickOff.status !== 202 || place === null) throw new Error(`kick-off: ${kickOff.status}`);
  const status = `${server.address}${new URL(place).pathname}`;
  const { files, delay } = await finished(status, headers);
  const seconds = (performance.now() - begun) / 1000;
  const after = await cpuUse(server);
  const records = files.reduce((sum, { count }) => sum + count, 0);
  const megabytes = files.reduce((sum, { extension }) => sum + extension.bytes, 0) / 1e6;
  const downloading = performance.now();
  for (const { url, extension } of files) {
    const answer = await fetch(`${server.address}${new URL(url).pathname}`, { headers });
    const { byteLength } = await answer.arrayBuffer();
    if (byteLength !== extension.bytes) throw new Error('a file is not as long as was told');
  }
  const download = megabytes / ((performance.now() - downloading) / 1000);
  await fetch(status, { method: 'DELETE', headers });
  const rate = records / seconds;
  say(
    `${records} records, ${megabytes.toFixed(0)} MB in ${seconds.toFixed(2)} s: ` +
      `${Math.round(rate)}/s · slowest answer meanwhile ${delay.toFixed(0)} ms · ` +
      `download ${download.toFixed(0)} MB/s · ${cpuEach(before, after, records)}`,
  );
  return { rate, megabytes: megabytes / seconds, delay, download };
}

async function finished(status: string, headers: Record<string, string>) {
  let delay = 0;
  for (;;) {
    const asked = performance.now();
    const answer = await fetch(status, { headers });
    const text = await answer.text();
    delay = Math.max(delay, performance.now() - asked);
    if (answer.status === 200) {
      const { output } = JSON.parse(text) as { output: File[] };
      return { files: output, delay };
    }
    if (answer.status !== 202) throw new Error(`the export ended with ${answer.status}`);
    await sleep(LOOK_MS);
  }
}

function figures(taken: readonly Taken[]): Figure[] {
  const each = (of: keyof Taken) => taken.map((one) => one[of]);
  return [
    {
      ...{ name: 'export to files', unit: 'resources/s', runs: each('rate') },
      goal: { of: 'value', bound: 'least', target: 30_000 },
    },
    { name: 'export to files, text', unit: 'MB/s', runs: each('megabytes') },
    { name: 'export, slowest answer beside it', unit: 'ms', runs: each('delay') },
    { name: 'export download', unit: 'MB/s', runs: each('download') },
  ];
}
