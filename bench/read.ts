import type { Bench, Claim, Figure } from './claim.ts';
import { openBarePostgres } from './harness/bare-postgres.ts';
import { closedLoop, type Run } from './harness/closed-loop.ts';
import { cpuEach, cpuUse } from './harness/cpu-use.ts';
import { requestBytes } from './harness/http-client.ts';
import { bundlesOf, patientsOf } from './harness/patients.ts';
import { postBundles } from './harness/post-bundles.ts';
import {
  clientToken,
  loginToken,
  type ServerUnderTest,
  startServer,
} from './harness/server-under-test.ts';
import { type Spread, scatter, spreadText } from './harness/spread.ts';

const PATIENTS = 2_000;
const BYTES = 2_048;
const CLIENTS = 32;

/**
 * GET Patient/{id} by a logged-in doctor: token, decision, one row opened, and its audit row on the
 * disk before the answer. The limit is the same row by its primary key over `pg`.
 */
export const read: Claim = {
  name: 'read',
  summary: `GET Patient/{id} of 2 KB as a doctor, ${CLIENTS} clients`,
  async run(bench) {
    const { scratch, say, seconds } = bench;
    const server = await startServer({ scratch, dataFolder: await scratch.folder() });
    const reading = await loadPatients(server, bench);
    const bare = await openBarePostgres(scratch, server.databaseUrl);
    await bare.fillSelected(PATIENTS, BYTES);
    await reading(3);
    const ours: Run[] = [];
    const limits: Spread[] = [];
    for (let run = 1; run <= bench.runs; run += 1) {
      const before = await cpuUse(server);
      const one = await reading(seconds);
      const cpu = cpuEach(before, await cpuUse(server), one.count);
      const limit = await bare.measure({ kind: 'select', rows: PATIENTS }, CLIENTS, seconds);
      say(`run ${run}: ${spreadText(one)} · bare SELECT ${spreadText(limit)} · ${cpu}`);
      ours.push(one);
      limits.push(limit);
    }
    return figures(ours, limits);
  },
};

function figures(ours: readonly Spread[], bare: readonly Spread[]): Figure[] {
  const against = 'primary-key SELECT of 2 KB over pg';
  const both = (of: (spread: Spread) => number) => ({
    runs: ours.map(of),
    limits: bare.map(of),
    against,
  });
  return [
    {
      name: 'read rate',
      unit: 'reads/s',
      ...both(({ rate }) => rate),
      goal: { of: 'ratio', bound: 'least', target: 0.5 },
    },
    { name: 'read p50', unit: 'ms', ...both(({ p50 }) => p50) },
    { name: 'read p99', unit: 'ms', ...both(({ p99 }) => p99) },
    {
      name: 'read p99/p50',
      unit: '×',
      ...both(({ p50, p99 }) => p99 / p50),
      goal: { of: 'value', bound: 'most', target: 5 },
    },
  ];
}

/** Stores the patients and returns what reads them for so many seconds. */
export async function loadPatients(
  server: ServerUnderTest,
  { say }: Bench,
): Promise<(seconds: number) => Promise<Run>> {
  const patients = patientsOf(PATIENTS, BYTES);
  say(`storing ${PATIENTS} patients`);
  const { address } = server;
  const token = await clientToken(server);
  await postBundles({ address, token, bundles: bundlesOf(patients, 100), clients: 2 });
  const doctor = await loginToken(server, 'doctor');
  const requests = patients.map(({ id }) =>
    requestBytes({ method: 'GET', path: `/fhir/Patient/${id}`, token: doctor }),
  );
  return (seconds) =>
    closedLoop(address, {
      clients: CLIENTS,
      seconds,
      next: (n) => requests[scatter(n, PATIENTS)],
      right(n, status, body) {
        if (status !== 200) return false;
        // Parsing them all would take a core from what is measured.
        if (n % 64 !== 0) return true;
        return isSame(JSON.parse(body.toString()), patients[scatter(n, PATIENTS)]);
      },
    });
}

type Seen = { id?: string; birthDate?: unknown; name?: unknown; text?: unknown };

function isSame(got: Seen, stored: Seen | undefined): boolean {
  const parts = ({ id, birthDate, name, text }: Seen) =>
    JSON.stringify([id, birthDate, name, text]);
  return stored !== undefined && parts(got) === parts(stored);
}
