import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { loadTerminology } from '#terminology';
import { openDatabase } from '../src/platform/postgres/database.ts';
import { APPLICATION_ROLE } from '../src/platform/postgres/migrate.ts';
import type { Bench, Claim, Figure } from './claim.ts';
import { closedLoop } from './harness/closed-loop.ts';
import { cpuEach, cpuUse } from './harness/cpu-use.ts';
import { requestBytes } from './harness/http-client.ts';
import { loginToken, type ServerUnderTest, startServer } from './harness/server-under-test.ts';

const CONCEPTS = 100_000;
const CLIENTS = 16;
const system = 'http://snomed.info/sct';

/**
 * Terminology operations over HTTP by a logged-in doctor, on a made-up release of 100,000 concepts
 * in SNOMED CT's layout. The limit is the answer of the same server that needs neither caller nor
 * content.
 */
export const terminology: Claim = {
  name: 'terminology',
  summary: `$validate-code, $lookup, $subsumes, $expand, ${CLIENTS} clients`,
  async run(bench) {
    const { scratch } = bench;
    const server = await startServer({ scratch, dataFolder: await scratch.folder() });
    await loadRelease(bench, server);
    const token = await loginToken(server, 'doctor');
    await untilHeld(server, token);
    const ask = (path: string) => requestBytes({ method: 'GET', path, token });
    const figures: Figure[] = [];
    for (const question of questions) {
      const requests = Array.from({ length: 1_000 }, (_, n) => ask(`/fhir/${question.path(n)}`));
      figures.push(await measured(bench, server, question, requests));
    }
    return figures;
  },
};

type Question = {
  name: string;
  path(n: number): string;
  /** What every answer holds. */
  holds: string;
  target: number;
};

const codeOf = (n: number) => String(1_000_000 + n * 10);
const below = codeOf(1);
/** All but the top and some beside it are below it. */
const spread = (n: number) => 2 + ((n * 7919) % (CONCEPTS - 2));
const inBelow = encodeURIComponent(`${system}?fhir_vs=isa/${below}`);

const questions: readonly Question[] = [
  {
    name: '$validate-code',
    path: (n) =>
      `ValueSet/$validate-code?url=${inBelow}&system=${system}&code=${codeOf(spread(n))}`,
    holds: '"name":"result","valueBoolean":',
    target: 15_000,
  },
  {
    name: '$lookup',
    path: (n) => `CodeSystem/$lookup?system=${system}&code=${codeOf(spread(n))}`,
    holds: '"name":"display","valueString":"term ',
    target: 6_280,
  },
  {
    name: '$subsumes',
    path: (n) => `CodeSystem/$subsumes?system=${system}&codeA=${below}&codeB=${codeOf(spread(n))}`,
    holds: '"name":"outcome","valueCode":',
    target: 6_587,
  },
  {
    name: '$expand, 50 by a word',
    path: (n) => `ValueSet/$expand?url=${inBelow}&count=50&filter=w${n % 97}x`,
    holds: '"contains":[{"system":',
    target: 183,
  },
  {
    name: '$expand of a small value set',
    path: () => 'ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-status',
    holds: '"total":8',
    target: 1_098,
  },
];

async function measured(
  bench: Bench,
  { address, ...server }: ServerUnderTest,
  { name, holds, target }: Question,
  requests: readonly Buffer[],
): Promise<Figure> {
  const trivial = requestBytes({ method: 'GET', path: '/api/v1/health/liveness', token: '' });
  const rate = (asked: readonly Buffer[], seconds: number, wanted: string) =>
    closedLoop(address, {
      ...{ clients: CLIENTS, seconds },
      next: (n) => asked[n % asked.length],
      right: (n, status, body) => status === 200 && (n % 64 !== 0 || body.includes(wanted)),
    });
  await rate(requests, 2, holds);
  const runs: number[] = [];
  const limits: number[] = [];
  const withCpu = async (asked: readonly Buffer[], wanted: string) => {
    const before = await cpuUse({ address, ...server });
    const one = await rate(asked, bench.seconds, wanted);
    return { one, cpu: cpuEach(before, await cpuUse({ address, ...server }), one.count) };
  };
  for (let run = 1; run <= bench.runs; run += 1) {
    const ours = await withCpu(requests, holds);
    const limit = await withCpu([trivial], '');
    const of = (one: typeof ours) => `${Math.round(one.one.rate)}/s, ${one.cpu}`;
    bench.say(`${name}, run ${run}: ${of(ours)} · liveness ${of(limit)}`);
    runs.push(ours.one.rate);
    limits.push(limit.one.rate);
  }
  const goal = { of: 'value', bound: 'least', target } as const;
  return { name, unit: 'answers/s', runs, limits, against: 'GET liveness', goal };
}

/** A running server takes a new release within 5 s. */
async function untilHeld({ address }: ServerUnderTest, token: string): Promise<void> {
  const [question] = questions;
  for (let tries = 0; tries < 100; tries += 1) {
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await fetch(`${address}/fhir/${question?.path(0)}`, { headers });
    if (status === 200) return;
    await setTimeout(100);
  }
  throw new Error('the release is not held 10 s after it was loaded');
}

/** Each concept below one or two earlier ones, as SNOMED CT's are; a word each 97th shares. */
async function loadRelease({ scratch, say }: Bench, server: ServerUnderTest): Promise<void> {
  const folder = await scratch.folder();
  const [concepts, terms, relations]: [string[], string[], string[]] = [['-'], ['-'], ['-']];
  const relate = (from: number, to: number) =>
    relations.push(
      `1\t20240101\t1\t1\t${codeOf(from)}\t${codeOf(to)}\t0\t116680003\t900000000000011006\t1`,
    );
  for (let n = 0; n < CONCEPTS; n += 1) {
    concepts.push(`${codeOf(n)}\t20240101\t1\t900000000000207008\t900000000000074008`);
    const text = `term ${n} with w${n % 97}x`;
    terms.push(`${n}\t20240101\t1\t1\t${codeOf(n)}\ten\t900000000000013009\t${text}\t1`);
    // One in ten is beside what is below concept 1.
    if (n > 0) relate(n, n < 10 || n % 10 === 0 ? 0 : Math.max(1, Math.floor(n / 12)));
    if (n > 100 && n % 10 !== 0) relate(n, Math.max(1, Math.floor(n / 5)));
  }
  const tables = { Concept_Snapshot: concepts, 'Description_Snapshot-en': terms };
  for (const [name, lines] of Object.entries({ ...tables, Relationship_Snapshot: relations })) {
    await writeFile(join(folder, `sct2_${name}_INT_20240101.txt`), lines.join('\n'));
  }
  const database = openDatabase({
    ...{ url: server.databaseUrl, connections: 2, role: APPLICATION_ROLE },
    statementTimeoutMs: 60_000,
  });
  try {
    const began = performance.now();
    const loaded = await loadTerminology({ database, path: folder, edition: undefined, say });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    say(`loaded ${loaded[0]?.concepts} concepts in ${seconds} s`);
  } finally {
    await database.close();
  }
}
