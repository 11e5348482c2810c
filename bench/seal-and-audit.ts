import { fileURLToPath } from 'node:url';
import type { Bench, Claim, Figure } from './claim.ts';
import type { Run } from './harness/closed-loop.ts';
import { cpuEach, cpuUse } from './harness/cpu-use.ts';
import { startServer } from './harness/server-under-test.ts';
import { spreadText } from './harness/spread.ts';
import { loadPatients } from './read.ts';

const plain = fileURLToPath(import.meta.resolve('./harness/plain-server.ts'));

/**
 * The reads of `read` by the server as it is, and by the same contexts with a record store whose
 * seal, open, audit write and release do nothing. The second is the limit of the first.
 */
export const sealAndAudit: Claim = {
  name: 'seal-and-audit',
  summary: 'what sealing and audit take from the read rate',
  async run(bench) {
    const real = await openSide(bench);
    const bare = await openSide(bench, plain);
    await real.reading(3);
    await bare.reading(3);
    const ours: Run[] = [];
    const limits: Run[] = [];
    for (let run = 1; run <= bench.runs; run += 1) {
      ours.push(await measured(bench, `run ${run}, sealed and audited`, real));
      limits.push(await measured(bench, `run ${run}, neither`, bare));
    }
    return figures(ours, limits);
  },
};

async function openSide(bench: Bench, script?: string) {
  const { scratch } = bench;
  const dataFolder = await scratch.folder();
  const server = await startServer({
    ...{ scratch, dataFolder },
    ...(script === undefined ? {} : { script }),
  });
  return { server, reading: await loadPatients(server, bench) };
}

type Side = Awaited<ReturnType<typeof openSide>>;

async function measured({ say, seconds }: Bench, what: string, side: Side): Promise<Run> {
  const before = await cpuUse(side.server);
  const run = await side.reading(seconds);
  const cpu = cpuEach(before, await cpuUse(side.server), run.count);
  say(`${what}: ${spreadText(run)} · ${cpu}`);
  return run;
}

function figures(ours: readonly Run[], limits: readonly Run[]): Figure[] {
  return [
    {
      name: 'read rate, sealed and audited',
      unit: 'reads/s',
      runs: ours.map(({ rate }) => rate),
      limits: limits.map(({ rate }) => rate),
      against: 'the same server with no-ops for seal, open and audit',
    },
    {
      name: 'cost of sealing and audit',
      unit: '% of reads/s',
      runs: ours.map(({ rate }, at) => 100 * (1 - rate / (limits[at]?.rate ?? rate))),
      goal: { of: 'value', bound: 'most', target: 25 },
    },
  ];
}
