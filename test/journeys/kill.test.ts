import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Crowd, crowd, type Ledger } from './crowd.ts';
import { demoPassword, demoSecret, type House, house } from './house.ts';
import { type Answer, bearer, login, serviceToken, visit, wholeLog } from './visit.ts';

/** Rounds of eight kills; MEDCONNECT_TEST_KILL_ROUNDS=20 for a long run. */
const rounds = Number(process.env['MEDCONNECT_TEST_KILL_ROUNDS'] ?? 1);
const plan = [
  'server',
  'database',
  'start',
  'server',
  'both',
  'start',
  'database',
  'server',
] as const;

let h: House;
let people: Crowd;
let token = '';
before(async () => {
  h = await house();
});
after(async () => {
  await people?.disperse();
  await h.remove();
});

const random = (fromMs: number, toMs: number) => fromMs + Math.random() * (toMs - fromMs);

async function killServer(): Promise<void> {
  h.running().child.kill('SIGKILL');
  await h.running().ended;
}

async function killDatabase(): Promise<void> {
  const file = join(h.folder, 'postgres', 'postmaster.pid');
  process.kill(Number((await readFile(file, 'utf8')).split('\n')[0]), 'SIGKILL');
}

/** Killed before it is ready; what it left half done is the next one's to mend. */
async function killStart(withinMs: number): Promise<void> {
  const started = h.start().catch(() => undefined);
  await pause(random(0, withinMs));
  await killServer();
  await started;
}

const kills: Readonly<Record<(typeof plan)[number], () => Promise<void>>> = {
  async server() {
    await killServer();
    await h.start();
  },
  async start() {
    await killServer();
    await killStart(1_500);
    await h.start();
  },
  async both() {
    await Promise.all([killServer(), killDatabase()]);
    await h.start();
  },
  /** The server lives on, says so, and serves again by itself. */
  async database() {
    const { refused } = people.ledger;
    const before = h.running().child.pid;
    await killDatabase();
    await until(() => people.ledger.refused > refused);
    const { writes } = people.ledger;
    const written = writes.length;
    await until(() => writes.length > written);
    assert.equal(h.running().child.pid, before);
  },
};

async function until(found: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !found(); await pause(20)) {
    assert.ok(Date.now() < end, 'nothing within 30 s');
  }
}

const ask = (path: string): Promise<Answer> =>
  visit(h.address() + path, { headers: bearer(token) });

/** Eight at a time. */
async function each<T>(list: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  const work = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await check(one);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

test('a first start killed at any moment is finished by the next', async () => {
  for (const withinMs of [800, 2_000, 4_000]) await killStart(withinMs);
  await h.start();
  await login(h.address(), 'doctor@medconnect.test', demoPassword);
  const left = (await readdir(h.folder)).filter((name) =>
    /password\.|\.new\b.*password/.test(name),
  );
  assert.deepEqual(left, [], 'a half-made password lies about');
  token = await serviceToken(h.address(), 'demo-backend', demoSecret);
  const patient = { resourceType: 'Patient', id: 'kill', active: true };
  const sent = { method: 'PUT', body: patient, headers: bearer(token) };
  assert.equal((await visit(`${h.address()}/fhir/Patient/kill`, sent)).status, 201);
});

test('killed again and again, server and database come back by themselves', async (t) => {
  people = crowd({ address: h.address, token, writers: 16, readers: 4 });
  for (let round = 0; round < rounds; round += 1) {
    for (const kill of plan) {
      await pause(random(200, 900));
      await kills[kill]();
    }
  }
  await pause(300);
  await people.disperse();
  const { ledger } = people;
  assert.deepEqual(ledger.faults.slice(0, 5), []);
  assert.ok(ledger.cut > 0 && ledger.refused > 0, 'no kill hit a request');
  t.diagnostic(told(ledger));
});

function told({ writes, reads, deals, refused, cut }: Ledger): string {
  const half = deals.filter(({ answered }) => !answered).length;
  return (
    `${writes.length} writes, ${deals.length} transactions (${half} unanswered) and ` +
    `${reads.length} reads; ${cut} requests cut, ${refused} refused`
  );
}

test('every acknowledged write is there, with its version and content', async () => {
  await each(people.ledger.writes, async ({ id, version, text }) => {
    const answer = await ask(`/fhir/Observation/${id}/_history/${version}`);
    assert.deepEqual([answer.status, answer.body.code.text], [200, text], id);
  });
});

test('a transaction is there whole or not at all', async () => {
  await each(people.ledger.deals, async ({ ids, text, answered }) => {
    const answers = await Promise.all(ids.map((id) => ask(`/fhir/Observation/${id}`)));
    const found = answers.filter(({ status }) => status === 200);
    assert.ok(
      found.length === 5 || (found.length === 0 && !answered),
      `${ids[0]}: ${found.length}`,
    );
    assert.ok(found.every(({ body }) => body.code.text === text && body.meta.versionId === '1'));
  });
});

test('no acknowledged read or write lacks its row in the audit log, and the log is whole', async () => {
  const compliance = await login(h.address(), 'compliance@medconnect.test', demoPassword);
  const rows = new Set<string>();
  for (const { event_type, resource_id, version, correlation_id } of await wholeLog(
    h.address(),
    compliance,
  )) {
    const deed = event_type === 'record.read' ? 'read' : `write ${version}`;
    rows.add(`${correlation_id} ${resource_id} ${deed}`);
  }
  const { writes, reads, deals } = people.ledger;
  const owed = [
    ...writes.map(({ correlation, id, version }) => `${correlation} ${id} write ${version}`),
    ...reads.map(({ correlation, id }) => `${correlation} ${id} read`),
    ...deals
      .filter(({ answered }) => answered)
      .flatMap(({ correlation, ids }) => ids.map((id) => `${correlation} ${id} write 1`)),
  ];
  assert.ok(owed.length > 100);
  assert.deepEqual(
    owed.filter((row) => !rows.has(row)),
    [],
  );
  const asked = { headers: bearer(compliance) };
  const { body } = await visit(`${h.address()}/api/v1/audit/integrity`, asked);
  assert.deepEqual([body.status, body.first_broken, body.unsequenced], ['valid', null, 0]);
  assert.ok(body.checked >= owed.length);
});

test('told to stop, it stops with 0 and leaves no lock behind', async () => {
  assert.equal(await h.stop(), 0);
  await assert.rejects(readFile(join(h.folder, 'server.pid')), { code: 'ENOENT' });
  await assert.rejects(readFile(join(h.folder, 'postgres', 'postmaster.pid')), { code: 'ENOENT' });
});
