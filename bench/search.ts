import pg from 'pg';
import type { Bench, Claim, Figure } from './claim.ts';
import { openBarePostgres } from './harness/bare-postgres.ts';
import { closedLoop } from './harness/closed-loop.ts';
import { cpuEach, cpuUse, untilIdle } from './harness/cpu-use.ts';
import { requestBytes } from './harness/http-client.ts';
import { bundlesOf } from './harness/patients.ts';
import { postBundles } from './harness/post-bundles.ts';
import { type SearchShape, stockOf } from './harness/search-shape.ts';
import {
  clientToken,
  loginToken,
  type ServerUnderTest,
  startServer,
} from './harness/server-under-test.ts';
import { type Spread, spreadText } from './harness/spread.ts';

/** The server's page when nobody asks for another. */
const PAGE = 20;
const CLIENTS = [1, 16] as const;
/** A resource of the generator's is 1.3 KB on average. */
const ROW_BYTES = 1_300;

/**
 * Searches as a doctor, a page of 20 opened records each. The limit is as
 * many rows of the same size found by an index over `pg`.
 */
export const search: Claim = {
  name: 'search',
  summary: `a page of ${PAGE} by each kind of parameter, among --size resources (100000)`,
  async run(bench) {
    const figures: Figure[] = [];
    for (const size of bench.sizes) figures.push(...(await amongst(bench, size)));
    return figures;
  },
};

async function amongst(bench: Bench, size: number): Promise<Figure[]> {
  const { scratch, say } = bench;
  const server = await startServer({ scratch, dataFolder: await scratch.folder() });
  const { resources, shapes } = stockOf(size);
  say(`storing ${resources.length} resources`);
  const { address } = server;
  const bundles = bundlesOf(resources, 200);
  const stored = await postBundles({
    ...{ address, token: await clientToken(server), bundles, clients: 4 },
  });
  say(`stored at ${Math.round(resources.length / stored.seconds)}/s`);
  await settle(server);
  const sides: Sides = {
    size,
    token: await loginToken(server, 'doctor'),
    bare: await openBarePostgres(scratch, server.databaseUrl),
  };
  const figures: Figure[] = [];
  for (const shape of shapes) figures.push(...(await measured(bench, server, shape, sides)));
  return figures;
}

/** What autovacuum does by itself within minutes of a load. */
async function settle(server: ServerUnderTest): Promise<void> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  await client.end();
  await untilIdle(server);
}

type Sides = { size: number; token: string; bare: Awaited<ReturnType<typeof openBarePostgres>> };
type Taken = { ours: Spread[]; limits: Spread[] };

async function measured(bench: Bench, server: ServerUnderTest, shape: SearchShape, sides: Sides) {
  const seconds = bench.seconds / 2;
  const found = await entriesOf(server, shape, sides.token);
  await sides.bare.fillPaged(sides.size, found, ROW_BYTES);
  await searching(server, shape, sides.token, { clients: 4, seconds: 1 });
  const taken = new Map<number, Taken>(CLIENTS.map((one) => [one, { ours: [], limits: [] }]));
  for (let run = 1; run <= bench.runs; run += 1) {
    for (const [clients, { ours, limits }] of taken) {
      const before = await cpuUse(server);
      const one = await searching(server, shape, sides.token, { clients, seconds });
      const cpu = cpuEach(before, await cpuUse(server), one.count);
      const parts = Math.floor(sides.size / found);
      const limit = await sides.bare.measure({ kind: 'page', parts }, clients, seconds);
      ours.push(one);
      limits.push(limit);
      bench.say(
        `${shape.name} (${found} found), ${clients} at once, run ${run}: ${spreadText(one)} · ` +
          `bare page ${spreadText(limit)} · ${cpu}`,
      );
    }
  }
  return [...taken].flatMap(([clients, one]) =>
    figures(shape, clients, one, bench.sizes.length > 1 ? sides.size : undefined),
  );
}

function searching(
  { address }: ServerUnderTest,
  shape: SearchShape,
  token: string,
  load: { clients: number; seconds: number },
) {
  return closedLoop(address, {
    ...load,
    next: (n) => requestBytes({ method: 'GET', path: `/fhir/${shape.query(n).path}`, token }),
    right(n, status, body) {
      if (status !== 200) return false;
      return n % 64 !== 0 || entriesIn(body) >= Math.min(PAGE, shape.query(n).matches);
    },
  });
}

/** Entries of one answer on average, over the first queries. */
async function entriesOf({ address }: ServerUnderTest, shape: SearchShape, token: string) {
  const counts: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${address}/fhir/${shape.query(n).path}`, { headers });
    counts.push(entriesIn(Buffer.from(await answer.arrayBuffer())));
  }
  return Math.max(1, Math.round(counts.reduce((sum, one) => sum + one, 0) / counts.length));
}

function entriesIn(body: Buffer): number {
  const { type, entry = [] }: { type?: string; entry?: unknown[] } = JSON.parse(body.toString());
  return type === 'searchset' ? entry.length : -1;
}

function figures(
  { name: kind, promised }: SearchShape,
  clients: number,
  { ours, limits }: Taken,
  size: number | undefined,
) {
  const name = size === undefined ? kind : `${kind}, of ${size}`;
  const against = `an index scan over pg of as many rows of ${ROW_BYTES / 1000} KB`;
  const who = clients === 1 ? '1 client' : `${clients} clients`;
  const both = (of: (spread: Spread) => number) => ({
    runs: ours.map(of),
    limits: limits.map(of),
    against,
  });
  const p50: Figure = {
    name: `search ${name}, p50, ${who}`,
    unit: 'ms',
    ...both((spread) => spread.p50),
    ...(promised ? { goal: { of: 'value', bound: 'most', target: 5 } } : {}),
  };
  const p99: Figure = {
    name: `search ${name}, p99, ${who}`,
    unit: 'ms',
    ...both((spread) => spread.p99),
  };
  const rate: Figure = {
    name: `search ${name}, rate, ${who}`,
    unit: 'searches/s',
    ...both((spread) => spread.rate),
  };
  return clients === 1 ? [p50] : [p50, p99, rate];
}
