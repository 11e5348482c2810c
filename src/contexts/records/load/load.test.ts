import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type TestDatabase, testDatabase } from '../../../../test/database.ts';
import { type Ended, emptyFolder, type Program, program } from '../../../../test/program.ts';
import { readConfig } from '../../../config.ts';
import { openLog } from '../../../platform/log.ts';
import { sql } from '../../../platform/postgres/sql.ts';
import { openRooms, type Rooms } from '../../../rooms.ts';
import { population } from '../../../standards/population/index.ts';

const sample = new URL(
  '../../../../../shared/data/synthea-r4-sample/synthea-v2.4-50-patients.tar.xz',
  import.meta.url,
);
const password = 'seven grey herons by the water';
let t: TestDatabase;
let folder = '';
let env: Record<string, string> = {};
let server: Program;
let address = '';
let rooms: Rooms;
before(async () => {
  [t, folder] = await Promise.all([testDatabase([]), emptyFolder()]);
  env = { MEDCONNECT_DATA: folder, DATABASE_URL: t.url, MEDCONNECT_DEMO_PASSWORD: password };
  server = program(['serve'], env);
  address = await server.ready;
  const read = readConfig(env);
  assert.ok('config' in read);
  rooms = await openRooms(read.config, t.database, openLog('silent'));
});
after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await t.close();
  await rm(folder, { recursive: true, force: true });
});

/** All of these run beside the server, which has the folder and the database. */
const load = (...args: string[]): Promise<Ended> => program(['load', ...args], env).ended;

async function tenantNamed(name: string): Promise<number> {
  return (await rooms.identity.createTenant(name)).tenant;
}

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, 'files', name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

type Count = { records: bigint; newest: number; ids: string };

/** What the tenant has, asked of the tables. */
async function stored(tenant: number): Promise<Count> {
  const count = await t.database.transaction(tenant, (tx) =>
    tx.row<Count>(sql`
      select count(*) as records, coalesce(max(version), 0) as newest,
        coalesce(string_agg(id, ' ' order by id), '') as ids from records.resource`),
  );
  assert.ok(count);
  return count;
}

const patient = (id: string, more: object = {}) =>
  JSON.stringify({ resourceType: 'Patient', id, ...more });
const bundle = (type: string, entry: object[]) =>
  JSON.stringify({ resourceType: 'Bundle', type, entry });
const posted = (resource: object, type: string) => ({
  resource: { resourceType: type, ...resource },
  request: { method: 'POST', url: type },
});

test('NDJSON, gzip, Bundles and folders are stored; the same texts again are left as they are', async () => {
  const tenant = await tenantNamed('formats');
  const lines = Array.from({ length: 130 }, (_, index) => patient(`p${index}`)).join('\n');
  await file('formats/a.ndjson', lines);
  await file('formats/b.ndjson.gz', gzipSync(`${patient('gz')}\n`));
  await file('formats/c.json', bundle('transaction', [posted({ active: true }, 'Patient')]));
  const inner = { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' } };
  await file('formats/d.json', bundle('collection', [{ resource: inner }]));
  await file('formats/e.json', bundle('batch', [posted({ active: true }, 'Practitioner')]));
  const args = [join(folder, 'files', 'formats'), '--tenant', 'formats'];
  const first = await load(...args);
  assert.equal(first.code, 0, first.err);
  assert.match(
    first.out,
    /^Stored 134 resources in [\d.]+ s \([\d,]+\/s\)\.\n {2}132 {2}Patient\n/,
  );
  const once = await stored(tenant);
  assert.deepEqual([once.records, once.newest], [134n, 1]);
  const second = await load(...args);
  assert.deepEqual([second.code, second.err.includes(' · ')], [0, false]);
  assert.match(second.out, /^Stored 0 resources [\s\S]*Stored already: 134 /);
  assert.deepEqual(await stored(tenant), once);
  const third = await load(...args, '--restart');
  assert.equal(third.code, 0);
  const twice = await stored(tenant);
  assert.deepEqual([twice.records, twice.newest], [136n, 2], 'POST makes new ones, PUT versions');
});

test('what is refused is told by its line, takes nothing with it and quotes nothing', async () => {
  const tenant = await tenantNamed('refusals');
  const path = await file(
    'refused.ndjson',
    [
      patient('good-1'),
      patient('bad', { birthDate: 'Xanthippe' }),
      '{"resourceType":"Patient","id":"torn"',
      JSON.stringify({ resourceType: 'Xanthippe', id: 'x' }),
      patient('good-2'),
      JSON.stringify({ resourceType: 'Bundle', type: 'history' }),
      patient('good-1', { active: true }),
    ].join('\n'),
  );
  const torn = await file(
    'torn.json',
    bundle('transaction', [posted({}, 'Patient'), posted({ gender: 'Xanthippe' }, 'Patient')]),
  );
  const ended = await load(path, torn, join(folder, 'absent.json'), '--tenant', 'refusals');
  assert.equal(ended.code, 1);
  const lines = ended.err.split('\n').filter((line) => line.includes(' · '));
  const expected = [
    /refused\.ndjson:2 · Patient · .+ \(Patient\.birthDate\)$/,
    /refused\.ndjson:3 · .+/,
    /refused\.ndjson:4 · unknown type · .+/,
    /refused\.ndjson:6 · Bundle · A Bundle is loaded when/,
    /torn\.json · Bundle of 2 · .+ \(Bundle\.entry\[1\]\.resource\.gender\)$/,
    /absent\.json · There is no such file or folder\.$/,
  ];
  assert.equal(lines.length, expected.length, ended.err);
  for (const like of expected)
    assert.ok(
      lines.some((line) => like.test(line)),
      `${like}`,
    );
  assert.ok(!(ended.err + ended.out).includes('Xanthippe'));
  assert.match(ended.out, /Refused: 6, told above/);
  const { ids, newest } = await stored(tenant);
  assert.deepEqual([ids, newest], ['good-1 good-2', 2], 'the later text of a record is its last');
});

test('a reference by identifier finds its target however late that comes, or is refused', async () => {
  const tenant = await tenantNamed('late');
  const reference = { reference: 'Practitioner?identifier=urn:x|7' };
  const seen = posted({ generalPractitioner: [reference] }, 'Patient');
  const early = await file('late/a.json', bundle('transaction', [seen]));
  const identifier = [{ system: 'urn:x', value: '7' }];
  await file('late/z.json', bundle('transaction', [posted({ identifier }, 'Practitioner')]));
  const alone = await load(early, '--tenant', 'late');
  assert.equal(alone.code, 1);
  assert.match(alone.err, /a\.json · Bundle of 1 · A conditional reference matches no Pract/);
  const both = await load(join(early, '..'), '--tenant', 'late');
  assert.equal(both.code, 0, both.err);
  assert.equal((await stored(tenant)).records, 2n);
});

/** Bundles that would double when run twice: every entry is a POST. */
async function doubling(name: string, patients: number): Promise<bigint> {
  let total = 0n;
  let index = 0;
  for (const { resources } of population({ seed: 3, patients })) {
    const entries = resources.map(({ id, ...resource }) => ({
      fullUrl: `urn:uuid:${id}`,
      ...posted(resource, resource.resourceType),
    }));
    const text = bundle('transaction', entries).replaceAll(
      /"reference":"[A-Z]\w+\/([0-9a-f-]{36})"/g,
      (whole, id) =>
        entries.some((one) => one.fullUrl.endsWith(id)) ? `"reference":"urn:uuid:${id}"` : whole,
    );
    await file(`${name}/${index++}.json`, text);
    total += BigInt(resources.length);
  }
  const lines = Array.from(
    { length: 500 },
    (_, line) => `{"resourceType":"Patient","multipleBirthInteger":${line}}`,
  );
  await file(`${name}/lines.ndjson`, lines.join('\n'));
  return total + 500n;
}

test('killed at any moment and run again, everything is stored once and whole', async () => {
  const tenant = await tenantNamed('killed');
  const total = await doubling('killed', 12);
  const args = ['load', join(folder, 'files', 'killed'), '--tenant', 'killed'];
  for (const least of [1n, 700n]) {
    const run = program(args, env);
    while ((await stored(tenant)).records < least && run.child.exitCode === null);
    run.child.kill('SIGKILL');
    assert.equal((await run.ended).signal, 'SIGKILL', 'it was killed before its end');
  }
  assert.ok((await stored(tenant)).records < total);
  const last = await program(args, env).ended;
  assert.equal(last.code, 0, last.err);
  const { records, newest } = await stored(tenant);
  assert.deepEqual([records, newest], [total, 1]);
  assert.deepEqual(await readdir(join(folder, 'load')), [], 'nothing is kept of a load that ended');
});

test('Ctrl-C ends what is under way, says how to go on and is 130', async () => {
  const tenant = await tenantNamed('stopped');
  const args = ['load', '--synthetic', '12', '--seed', '9', '--tenant', 'stopped'];
  const run = program(args, env);
  while ((await stored(tenant)).records === 0n);
  run.child.kill('SIGINT');
  const stopped = await run.ended;
  assert.equal(stopped.code, 130, stopped.err);
  assert.match(stopped.out, /Stopped before the end\. The same command goes on from there\.\n$/);
  const part = (await stored(tenant)).records;
  const rest = await program(args, env).ended;
  assert.equal(rest.code, 0, rest.err);
  assert.match(rest.err, /^Going on where the last run stopped\.$/m);
  assert.ok(!rest.out.includes('Stored already'), 'what was done is passed over');
  const { records, newest } = await stored(tenant);
  assert.equal(newest, 1);
  assert.ok(rest.out.startsWith(`Stored ${Number(records - part).toLocaleString('en-US')} `));
});

test('a seed gives the same patients to every tenant, another seed gives others', async () => {
  const names = ['seed-a', 'seed-b', 'seed-c'];
  const tenants = await Promise.all(names.map(tenantNamed));
  const runs = names.map((name, index) =>
    load('--synthetic', '2', '--seed', index < 2 ? '7' : '8', '--tenant', name),
  );
  for (const { code, err } of await Promise.all(runs)) assert.equal(code, 0, err);
  const [a, b, c] = await Promise.all(tenants.map(stored));
  assert.equal(a?.ids, b?.ids);
  assert.notEqual(a?.ids, c?.ids);
});

async function login(email: string): Promise<string> {
  const answer = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, device_id: 'test' }),
  });
  return String(Reflect.get(Object(await answer.json()), 'access_token'));
}

async function ask(path: string, token: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(address + path, { headers });
  assert.equal(answer.status, 200, path);
  return Object(await answer.json());
}

test('the demo has 20 patients, one of them the patient account; what is loaded is found at once', async () => {
  const demo = await rooms.identity.findTenant('demo');
  assert.ok(demo);
  const doctor = await login('doctor@medconnect.test');
  const count = '/fhir/Patient?_summary=count';
  assert.equal((await ask(count, doctor))['total'], 20);
  const own = await ask('/fhir/Patient', await login('patient@medconnect.test'));
  assert.equal(own['total'], 1);
  const path = await file('one.json', patient('late', { name: [{ family: 'Quimby' }] }));
  assert.equal((await load(path)).code, 0, 'without --tenant the demo is meant');
  assert.equal((await ask('/fhir/Patient?family=quimby', doctor))['total'], 1);
  const compliance = await login('compliance@medconnect.test');
  const logs = await ask('/api/v1/audit/logs?resource_type=Patient&resource_id=late', compliance);
  assert.match(JSON.stringify(logs), /medconnect load/, 'audited as anyone');
});

test('a dry run tells the same refusals and stores nothing', async () => {
  const path = await file('dry.ndjson', `${patient('a')}\n${patient('b', { gender: 5 })}`);
  const dry = await load(path, '--dry-run');
  assert.equal(dry.code, 1);
  assert.match(dry.err, /dry\.ndjson:2 · Patient · .+ \(Patient\.gender\)/);
  assert.match(dry.out, /^Checked 1 resources /);
});

test('what is not understood is 2 and one line', async () => {
  const wrong = [
    [],
    ['x', '--synthetic', '2'],
    ['--synthetic', '0'],
    ['x', '--concurrency', 'many'],
  ];
  const ended = await Promise.all([...wrong, ['x', '--nonsense']].map((args) => load(...args)));
  for (const { code, out, err } of ended) {
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^medconnect: [^\n]+--help[^\n]*\n$/);
  }
});

test('the Synthea sample is stored whole, 10,456 resources in 52 Bundles', {
  skip: existsSync(sample) ? false : `left out: no ${sample.pathname}`,
}, async () => {
  const tenant = await tenantNamed('synthea');
  const ended = await load(sample.pathname, '--tenant', 'synthea');
  assert.equal(ended.code, 0, ended.err);
  assert.equal((await stored(tenant)).records, 10_456n);
});
