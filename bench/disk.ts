import type { Bench, Claim, Figure } from './claim.ts';
import { untilIdle } from './harness/cpu-use.ts';
import { databaseSizes, recordCounts, type TableSize } from './harness/database-size.ts';
import { postBundles } from './harness/post-bundles.ts';
import { type Bundle, sampleBundles } from './harness/sample.ts';
import { clientToken, type ServerUnderTest, startServer } from './harness/server-under-test.ts';

/**
 * Bytes per record after loading the 50-patient sample, and after every record of it was changed
 * once, its first version kept. Records and their keys; the audit log apart, as it grows with use.
 * The limit is the JSON as it came in, once for each version.
 */
export const disk: Claim = {
  name: 'disk',
  summary: 'bytes per record, indexes and one superseded version included',
  async run(bench) {
    const { bundles } = await sampleBundles(bench.say);
    const taken: Taken[] = [];
    for (let run = 1; run <= bench.runs; run += 1) taken.push(await once(bench, bundles));
    return figures(taken);
  },
};

/** Bytes per record. */
type Sizes = { records: number; audit: number; came: number };
type Taken = { loaded: Sizes; updated: Sizes };

async function once(bench: Bench, bundles: readonly Bundle[]): Promise<Taken> {
  const { scratch, say } = bench;
  const server = await startServer({ scratch, dataFolder: await scratch.folder() });
  const upload = { address: server.address, token: await clientToken(server), clients: 4 };
  const named = new Map<number, Bundle>();
  await postBundles({
    ...upload,
    bundles: bundles.map((bundle) => JSON.stringify(bundle)),
    answered(n, body) {
      const bundle = bundles[n];
      if (bundle !== undefined) named.set(n, changedOnce(bundle, body));
    },
  });
  const json = bytesOf(bundles);
  const loaded = await sizesOf(server, bench, json);
  say('changing every record once');
  await postBundles({
    ...upload,
    bundles: bundles.map((_, n) => JSON.stringify(named.get(n))),
  });
  const updated = await sizesOf(server, bench, 2 * json);
  await server.stop();
  return { loaded, updated };
}

type Response = { entry?: { response?: { location?: string } }[] };

/** The same Bundle as updates of what it created, with one element more in each. */
function changedOnce(bundle: Bundle, body: Buffer): Bundle {
  const { entry: answers = [] }: Response = JSON.parse(body.toString());
  return {
    ...bundle,
    entry: bundle.entry.map((entry, at) => {
      const location = answers[at]?.response?.location ?? '';
      const [, type, id] = /([A-Za-z]+)\/([\w.-]+)\/_history\/\d+$/.exec(location) ?? [];
      if (type === undefined || id === undefined) throw new Error('a created record has no name');
      const resource = { ...entry.resource, id, language: 'en-US' };
      return { ...entry, resource, request: { method: 'PUT', url: `${type}/${id}` } };
    }),
  };
}

function bytesOf(bundles: readonly Bundle[]): number {
  const entries = bundles.flatMap(({ entry }) => entry);
  const all = entries.reduce((sum, { resource }) => sum + JSON.stringify(resource).length, 0);
  return all / entries.length;
}

async function sizesOf(server: ServerUnderTest, { say }: Bench, came: number): Promise<Sizes> {
  await untilIdle(server);
  const all = await databaseSizes(server.databaseUrl);
  const { records, versions } = await recordCounts(server.databaseUrl);
  const per = (schemas: readonly string[]) =>
    all.reduce((sum, one) => sum + (schemas.includes(one.schema) ? one.bytes : 0), 0) / records;
  say(`${records} records, ${versions} superseded versions; bytes per record:`);
  for (const one of all) if (one.bytes / records >= 1) say(told(one, records));
  return { records: per(['records', 'phi']), audit: per(['audit']), came };
}

function told({ schema, table, part, bytes }: TableSize, records: number): string {
  return `${(bytes / records).toFixed(0).padStart(7)}  ${schema}.${table} ${part}`;
}

function figures(taken: readonly Taken[]): Figure[] {
  const against = 'the JSON of every version kept, as it came in';
  const of = (when: keyof Taken) => ({
    unit: 'bytes/record',
    runs: taken.map((one) => one[when].records),
    limits: taken.map((one) => one[when].came),
    against,
  });
  return [
    { name: 'disk after load', ...of('loaded') },
    {
      name: 'disk with one superseded version',
      ...of('updated'),
      goal: { of: 'value', bound: 'most', target: 2_100 },
    },
    {
      name: 'disk of audit after load',
      unit: 'bytes/record',
      runs: taken.map(({ loaded }) => loaded.audit),
    },
    {
      name: 'disk of audit after load and change',
      unit: 'bytes/record',
      runs: taken.map(({ updated }) => updated.audit),
    },
  ];
}
