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

/** Bytes per record of the sample. */
type Sizes = { records: number; audit: number };
type Taken = { json: number; loaded: Sizes; updated: Sizes; compacted: Sizes };

async function once(bench: Bench, bundles: readonly Bundle[]): Promise<Taken> {
  const { scratch, say } = bench;
  const server = await startServer({ scratch, dataFolder: await scratch.folder() });
  const count = bundles.reduce((sum, { entry }) => sum + entry.length, 0);
  // What the demo's own patients take does not count.
  const before = await schemaBytes(server);
  const sizes = async (what: string, full = false): Promise<Sizes> => {
    const after = await schemaBytes(server, full);
    say(`${what}, bytes per record: ${parts(before, after, count)}`);
    const per = (schemas: readonly string[]) =>
      (sumOf(after, schemas) - sumOf(before, schemas)) / count;
    return { records: per(['records', 'phi']), audit: per(['audit']) };
  };
  const upload = { address: server.address, token: await clientToken(server), clients: 4 };
  const changed: string[] = [];
  await postBundles({
    ...upload,
    bundles: bundles.map((bundle) => JSON.stringify(bundle)),
    answered(n, body) {
      const bundle = bundles[n];
      if (bundle !== undefined) changed[n] = JSON.stringify(changedOnce(bundle, body));
    },
  });
  const loaded = await sizes('loaded');
  await postBundles({ ...upload, bundles: changed });
  await requireVersions(server, count);
  const updated = await sizes('every record changed once');
  const compacted = await sizes('after VACUUM FULL', true);
  await server.stop();
  return { json: bytesOf(bundles), loaded, updated, compacted };
}

async function schemaBytes(server: ServerUnderTest, full = false): Promise<TableSize[]> {
  await untilIdle(server);
  return databaseSizes(server.databaseUrl, full);
}

function sumOf(all: readonly TableSize[], schemas: readonly string[]): number {
  return all.reduce((sum, one) => sum + (schemas.includes(one.schema) ? one.bytes : 0), 0);
}

/** The parts that grew by five bytes a record or more, the largest first. */
function parts(before: readonly TableSize[], after: readonly TableSize[], count: number): string {
  const nameOf = ({ schema, table, part }: TableSize) => `${schema}.${table} ${part}`;
  const old = new Map(before.map((one) => [nameOf(one), one.bytes]));
  return after
    .map((one) => ({ name: nameOf(one), each: (one.bytes - (old.get(nameOf(one)) ?? 0)) / count }))
    .filter(({ each }) => each >= 5)
    .sort((a, b) => b.each - a.each)
    .map(({ name, each }) => `\n${each.toFixed(0).padStart(9)}  ${name}`)
    .join('');
}

async function requireVersions({ databaseUrl }: ServerUnderTest, count: number): Promise<void> {
  const { versions } = await recordCounts(databaseUrl);
  if (versions < count) throw new Error(`${versions} superseded versions instead of ${count}.`);
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

function figures(taken: readonly Taken[]): Figure[] {
  const against = 'the JSON of every version kept, as it came in';
  const unit = 'bytes/record';
  const of = (when: 'loaded' | 'updated' | 'compacted', versions: number) => ({
    ...{ unit, against },
    runs: taken.map((one) => one[when].records),
    limits: taken.map(({ json }) => json * versions),
  });
  return [
    { name: 'disk, loaded', ...of('loaded', 1) },
    {
      name: 'disk, every record changed once',
      ...of('updated', 2),
      goal: { of: 'value', bound: 'most', target: 2_100 },
    },
    // What updates freed and later writes would take again is not in this one.
    { name: 'disk, the same after VACUUM FULL', ...of('compacted', 2) },
    { name: 'disk of audit, loaded', unit, runs: taken.map(({ loaded }) => loaded.audit) },
    { name: 'disk of audit, changed', unit, runs: taken.map(({ updated }) => updated.audit) },
  ];
}
