import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Claim, Figure } from './claim.ts';
import { openBarePostgres } from './harness/bare-postgres.ts';
import { cpuEach, cpuUse } from './harness/cpu-use.ts';
import { memoryOf } from './harness/memory.ts';
import { postBundles } from './harness/post-bundles.ts';
import { type Sample, sampleBundles } from './harness/sample.ts';
import { clientToken, startServer } from './harness/server-under-test.ts';

/** Measured with 2, 4 and 8. */
const AT_ONCE = 4;

/**
 * The records of 50 patients as transaction Bundles over HTTP, one Bundle a patient, into a
 * database that has only the demo's own: validated, sealed, indexed, audited. The limit is one
 * plain table with as many rows of the same sizes, a multi-row INSERT per Bundle, in the same
 * cluster.
 */
export const load: Claim = {
  name: 'load',
  summary: `50 patients as transaction Bundles, ${AT_ONCE} at once, into a new database`,
  async run(bench) {
    const sample = await sampleBundles(bench.say);
    const taken: Taken[] = [];
    for (let run = 1; run <= bench.runs; run += 1) {
      const one = await loadOnce(bench, sample);
      taken.push(one);
      const { rate, bare, peak } = one;
      bench.say(
        `run ${run}: ${Math.round(rate)}/s, peak ${Math.round(peak)} MB · ` +
          `bare INSERT ${Math.round(bare)}/s`,
      );
    }
    return figures(taken, sample.origin);
  },
};

type Taken = { rate: number; bare: number; peak: number };

function figures(taken: readonly Taken[], origin: string): Figure[] {
  return [
    {
      name: `load rate (${origin})`,
      unit: 'resources/s',
      runs: taken.map(({ rate }) => rate),
      limits: taken.map(({ bare }) => bare),
      against:
        'multi-row INSERT of rows of the same sizes into one plain table; best published of its ' +
        'kind: 2,678/s on 8 cores without search indexes, 2,214/s with',
      goal: { of: 'value', bound: 'least', target: 4_000 },
    },
    {
      name: 'load peak memory of Node',
      unit: 'MB',
      runs: taken.map(({ peak }) => peak),
      goal: { of: 'value', bound: 'most', target: 400 },
    },
  ];
}

async function loadOnce({ scratch, say }: Bench, { bundles }: Sample): Promise<Taken> {
  const server = await startServer({ scratch, dataFolder: await scratch.folder() });
  const token = await clientToken(server);
  const texts = bundles.map((bundle) => JSON.stringify(bundle));
  const before = await cpuUse(server);
  const run = await postBundles({
    ...{ address: server.address, token, clients: AT_ONCE },
    bundles: texts,
  });
  const after = await cpuUse(server);
  const { peak } = await memoryOf(server.pid);
  const sizes = bundles.map(({ entry }) =>
    entry.map(({ resource }) => Buffer.byteLength(JSON.stringify(resource))),
  );
  const file = join(await scratch.folder(), 'sizes.json');
  await writeFile(file, JSON.stringify(sizes));
  const bare = await openBarePostgres(scratch, server.databaseUrl);
  const limit = await bare.measure({ kind: 'bundles', file }, AT_ONCE, 0);
  await server.stop();
  const count = sizes.flat().length;
  say(cpuEach(before, after, count));
  return { rate: count / run.seconds, bare: count / (limit.count / limit.rate), peak };
}
