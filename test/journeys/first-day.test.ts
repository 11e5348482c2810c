import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type House, house } from './house.ts';
import { isSynthea, transactions } from './sample.ts';
import { type Answer, type Body, bearer, login, serviceToken, visit } from './visit.ts';

let h: House;
let secrets = { password: '', client_secret: '' };
let doctor = '';
let compliance = '';
/** A patient of the sample, as the doctor found them. */
let found: Body;
const started = new Date().toISOString();
before(async () => {
  h = await house({ MEDCONNECT_DEMO_PASSWORD: '', MEDCONNECT_DEMO_CLIENT_SECRET: '' });
});
after(() => h.remove());

const get = (path: string, token: string): Promise<Answer> =>
  visit(h.address() + path, { headers: bearer(token) });

const enter = (role: string) => login(h.address(), `${role}@medconnect.test`, secrets.password);

test('one command on an empty folder serves, and shows the demo secrets once', async () => {
  const begun = performance.now();
  await h.start();
  // Ten seconds are promised; a machine that runs all tests at once is given more.
  assert.ok(performance.now() - begun < 30_000);
  const file = join(h.folder, 'demo-secrets.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  secrets = JSON.parse(await readFile(file, 'utf8')) as typeof secrets;
  assert.equal((await visit(`${h.address()}/health`)).body.status, 'healthy');
});

test('a system loads the sample as transactions', async (t) => {
  const token = await serviceToken(h.address(), 'demo-backend', secrets.client_secret);
  const bundles = await transactions();
  let resources = 0;
  const begun = performance.now();
  const load = async (body: Buffer) => {
    const answer = await visit(`${h.address()}/fhir`, { body, headers: bearer(token) });
    assert.equal(answer.status, 200, answer.text.slice(0, 500));
    const refused = answer.body.entry.filter(({ response }) => !/^20[01]/.test(response.status));
    assert.deepEqual(refused, []);
    resources += answer.body.entry.length;
  };
  // Who treats stands first: patients point to them.
  const people = bundles.splice(isSynthea ? 2 : 1);
  for (const body of bundles) await load(body);
  const next = async (): Promise<void> => {
    const body = people.pop();
    if (body === undefined) return;
    await load(body);
    return next();
  };
  await Promise.all([next(), next(), next(), next()]);
  const seconds = (performance.now() - begun) / 1000;
  const what = isSynthea ? 'Synthea sample' : 'made-up patients: the Synthea sample is not here';
  t.diagnostic(`${resources} resources in ${seconds.toFixed(1)} s (${what})`);
  assert.ok(resources > (isSynthea ? 10_000 : 500));
});

test('a doctor logs in, searches a patient by name and reads the chart', async () => {
  doctor = await enter('doctor');
  const all = await get('/fhir/Patient?_count=60&_sort=family', doctor);
  const sample = all.body.entry.map(({ resource }) => resource);
  const name = sample.at(-1)?.name[0];
  const query = `family=${name?.family}&given=${name?.given?.[0]}`;
  const answer = await get(`/fhir/Patient?${encodeURI(query)}`, doctor);
  assert.deepEqual([answer.status, answer.body.entry.length > 0], [200, true]);
  found =
    answer.body.entry.map(({ resource }) => resource).find(({ id }) => id === sample.at(-1)?.id) ??
    fail();
  const read = await get(`/fhir/Patient/${found.id}`, doctor);
  assert.deepEqual([read.status, read.body.name], [200, found.name]);
  const chart = await get(`/fhir/Observation?subject=Patient/${found.id}&_count=5`, doctor);
  assert.ok(chart.body.entry.length > 0);
  const [first] = chart.body.entry;
  const observation = await get(`/fhir/Observation/${first?.resource.id}`, doctor);
  assert.equal(observation.body.code.text, first?.resource.code.text);
});

function fail(): never {
  throw new Error('not found');
}

test('compliance finds the row of that read by any filter', async () => {
  compliance = await enter('compliance');
  const { id: user } = (await get('/api/v1/auth/me', doctor)).body;
  const filters = {
    user_id: user,
    patient_id: found.id,
    resource_type: 'Patient',
    resource_id: found.id,
    event_type: 'record.read',
    from: started,
    to: new Date(Date.now() + 1000).toISOString(),
  };
  const ask = async (chosen: Record<string, string>) => {
    const answer = await get(`/api/v1/audit/logs?${new URLSearchParams(chosen)}`, compliance);
    assert.equal(answer.status, 200, answer.text);
    return answer.body.logs;
  };
  const rows = await ask(filters);
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.deepEqual(
    [row?.event_type, row?.user_id, row?.resource_id, row?.patient_id, row?.version, row?.outcome],
    ['record.read', user, found.id, found.id, 1, 'success'],
  );
  assert.ok(row?.phi_groups.includes('identity'));
  for (const [name, value] of Object.entries(filters)) {
    const some = await ask({ event_type: 'record.read', user_id: user, [name]: value });
    assert.ok(
      some.some(({ id }) => id === row?.id),
      name,
    );
  }
  for (const [name, value] of Object.entries({
    user_id: 'ec8d2a61-5c2d-4b7e-9d83-0a35a6f3c111',
    patient_id: 'nobody',
    resource_type: 'Observation',
    resource_id: 'nothing',
    event_type: 'record.delete',
    from: new Date(Date.now() + 60_000).toISOString(),
    to: started,
  })) {
    assert.deepEqual(await ask({ ...filters, [name]: value }), [], name);
  }
});

test('the log is whole, and only who may ask is told', async () => {
  const { status, body } = await get('/api/v1/audit/integrity', compliance);
  assert.deepEqual([status, body.status, body.first_broken], [200, 'valid', null]);
  assert.ok(body.checked > 10 && body.unsequenced === 0);
  assert.equal((await get('/api/v1/audit/integrity', doctor)).status, 403);
  assert.equal((await get('/api/v1/audit/logs', doctor)).status, 403);
});

test('a patient sees their own record and nobody else’s', async () => {
  const patient = await enter('patient');
  const { patient_id: own } = (await get('/api/v1/auth/me', patient)).body;
  assert.ok(own);
  const patients = await get('/fhir/Patient', patient);
  assert.deepEqual(
    patients.body.entry.map(({ resource }) => resource.id),
    [own],
  );
  assert.equal((await get(`/fhir/Patient/${own}`, patient)).status, 200);
  assert.ok((await get('/fhir/Observation?_count=5', patient)).body.entry.length > 0);
  const denied = await get(`/fhir/Patient/${found.id}`, patient);
  const unknown = await get('/fhir/Patient/there-is-none', patient);
  // As if it were not there: not even that somebody is a patient here is told.
  assert.deepEqual([denied.status, unknown.status], [404, 404]);
  const code = ({ body }: Answer) => body.issue[0]?.details.coding[0]?.code;
  assert.equal(code(denied), code(unknown));
  const theirs = await get(`/fhir/Observation?subject=Patient/${found.id}`, patient);
  assert.deepEqual([theirs.status, theirs.body.entry ?? []], [200, []]);
  assert.equal((await get(`/fhir/Patient/${found.id}/_history`, patient)).status, 404);
});

test('another tenant sees nothing of it', async () => {
  const password = 'eleven red foxes on the hill';
  const args = ['admin', 'create', '--tenant', 'other', '--email', 'doctor@other.test'];
  const made = await h.run([...args, '--roles', 'doctor,admin,compliance'], {
    MEDCONNECT_ADMIN_PASSWORD: password,
  });
  assert.equal(made.code, 0, made.err);
  const other = await login(h.address(), 'doctor@other.test', password);
  for (const type of ['Patient', 'Observation', 'Organization']) {
    const answer = await get(`/fhir/${type}?_total=accurate`, other);
    assert.deepEqual([answer.status, answer.body.total, answer.body.entry], [200, 0, undefined]);
    const history = await get(`/fhir/${type}/_history`, other);
    assert.deepEqual([history.status, history.body.entry ?? []], [200, []]);
  }
  for (const path of ['', '/_history', '/_history/1']) {
    assert.equal((await get(`/fhir/Patient/${found.id}${path}`, other)).status, 404);
  }
  const logs = await get(
    `/api/v1/audit/logs?resource_id=${found.id}&event_type=record.create`,
    other,
  );
  assert.deepEqual([logs.status, logs.body.logs], [200, []]);
  // The same id again is another record, of another patient, under another key.
  const own = { resourceType: 'Patient', id: found.id, name: [{ family: 'Thornfield' }] };
  const sent = { method: 'PUT', body: own, headers: bearer(other) };
  assert.equal((await visit(`${h.address()}/fhir/Patient/${found.id}`, sent)).status, 201);
  assert.deepEqual((await get(`/fhir/Patient/${found.id}`, doctor)).body.name, found.name);
});

test('a logout ends the token at once', async () => {
  const out = { method: 'POST', headers: bearer(doctor) };
  assert.equal((await visit(`${h.address()}/api/v1/auth/logout`, out)).status, 204);
  const after = await get(`/fhir/Patient/${found.id}`, doctor);
  assert.equal(after.status, 401);
});

test('told to stop it stops with 0; started again it has all, and shows no secret', async () => {
  assert.equal(await h.stop(), 0);
  const first = (await h.running().ended).out;
  assert.ok(first.includes(secrets.password) && first.includes(secrets.client_secret));
  const begun = performance.now();
  await h.start();
  assert.ok(performance.now() - begun < 10_000);
  const again = await get(`/fhir/Patient/${found.id}`, await enter('doctor'));
  assert.deepEqual(again.body.name, found.name);
  assert.equal(
    (await get('/api/v1/audit/integrity', await enter('compliance'))).body.status,
    'valid',
  );
  assert.equal(await h.stop(), 0);
  assert.ok(!(await h.running().ended).out.includes(secrets.password));
});
