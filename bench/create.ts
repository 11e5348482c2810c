import type { Resource } from '../src/standards/population/index.ts';
import type { Bench, Claim, Figure } from './claim.ts';
import { openBarePostgres } from './harness/bare-postgres.ts';
import { closedLoop, type Run } from './harness/closed-loop.ts';
import { cpuEach, cpuUse } from './harness/cpu-use.ts';
import { requestBytes } from './harness/http-client.ts';
import { bundlesOf, patientsOf } from './harness/patients.ts';
import { postBundles } from './harness/post-bundles.ts';
import { clientToken, type ServerUnderTest, startServer } from './harness/server-under-test.ts';
import { type Spread, scatter, spreadText } from './harness/spread.ts';

const PATIENTS = 200;
const BYTES = 900;
const CLIENTS = [1, 16] as const;

/**
 * POST of one Observation: validated, sealed, indexed, audited, on the disk when answered. The
 * limit is one durable INSERT of a row of the same size, by as many callers at once.
 */
export const create: Claim = {
  name: 'create',
  summary: `POST of one Observation of 0.9 KB, ${CLIENTS.join(' and ')} clients`,
  async run(bench) {
    const { scratch } = bench;
    const server = await startServer({ scratch, dataFolder: await scratch.folder() });
    const creating = await openCreating(server);
    const bare = await openBarePostgres(scratch, server.databaseUrl);
    await creating(16, 3);
    const all: Figure[] = [];
    for (const clients of CLIENTS) {
      const inserting = () =>
        bare.measure({ kind: 'insert', bytes: BYTES }, clients, bench.seconds);
      all.push(...(await compare(bench, server, clients, { creating, inserting })));
    }
    return all;
  },
};

type Creating = (clients: number, seconds: number) => Promise<Run>;
type Sides = { creating: Creating; inserting: () => Promise<Spread> };

async function compare(bench: Bench, server: ServerUnderTest, clients: number, sides: Sides) {
  const ours: Spread[] = [];
  const limits: Spread[] = [];
  for (let run = 1; run <= bench.runs; run += 1) {
    const before = await cpuUse(server);
    const created = await sides.creating(clients, bench.seconds);
    const cpu = cpuEach(before, await cpuUse(server), created.count);
    const inserted = await sides.inserting();
    bench.say(
      `${clients} at once, run ${run}: ${spreadText(created)} · ` +
        `bare INSERT ${spreadText(inserted)} · ${cpu}`,
    );
    ours.push(created);
    limits.push(inserted);
  }
  return figures(clients, ours, limits);
}

function figures(clients: number, ours: readonly Spread[], bare: readonly Spread[]): Figure[] {
  const who = clients === 1 ? '1 client' : `${clients} clients`;
  const against = 'durable single-row INSERT of 0.9 KB over pg';
  const both = (of: (spread: Spread) => number) => ({
    runs: ours.map(of),
    limits: bare.map(of),
    against,
  });
  return [
    {
      name: `create rate, ${who}`,
      unit: 'creates/s',
      ...both(({ rate }) => rate),
      goal: { of: 'ratio', bound: 'least', target: 0.6 },
    },
    { name: `create p50, ${who}`, unit: 'ms', ...both(({ p50 }) => p50) },
    { name: `create p99, ${who}`, unit: 'ms', ...both(({ p99 }) => p99) },
  ];
}

async function openCreating(server: ServerUnderTest): Promise<Creating> {
  const { address } = server;
  const patients = patientsOf(PATIENTS, 2_048);
  const token = await clientToken(server);
  await postBundles({ address, token, bundles: bundlesOf(patients, 100), clients: 2 });
  const requests = patients.map((patient) =>
    requestBytes({
      ...{ method: 'POST', path: '/fhir/Observation', token },
      body: JSON.stringify(observation(patient)),
    }),
  );
  return (clients, seconds) =>
    closedLoop(address, {
      clients,
      seconds,
      next: (n) => requests[scatter(n, PATIENTS)],
      right(n, status, body) {
        if (status !== 201) return false;
        if (n % 64 !== 0) return true;
        const { subject }: { subject?: { reference?: string } } = JSON.parse(body.toString());
        return subject?.reference === `Patient/${patients[scatter(n, PATIENTS)]?.id}`;
      },
    });
}

/** A laboratory result as a connected system sends it: 0.9 KB. */
function observation({ id }: Resource): object {
  const loinc = (code: string, display: string) => ({
    coding: [{ system: 'http://loinc.org', code, display }],
    text: display,
  });
  return {
    resourceType: 'Observation',
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.7', value: `LAB-${id}` }],
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'laboratory',
            display: 'Laboratory',
          },
        ],
      },
    ],
    code: loinc('2339-0', 'Glucose [Mass/volume] in Blood'),
    subject: { reference: `Patient/${id}` },
    effectiveDateTime: '2025-03-14T09:26:53+00:00',
    issued: '2025-03-14T11:00:00.000+00:00',
    valueQuantity: {
      ...{ value: 93.4, unit: 'mg/dL' },
      ...{ system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    },
    referenceRange: [
      {
        low: { value: 70, unit: 'mg/dL' },
        high: { value: 99, unit: 'mg/dL' },
        text: '70 to 99 mg/dL, fasting',
      },
    ],
    note: [{ text: 'Drawn fasting; the specimen reached the laboratory within the hour.' }],
  };
}
