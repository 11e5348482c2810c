import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  birthDate,
  canary,
  clinicalRecords,
  patientRecord,
  plantedCount,
  stem,
} from './canary-record.ts';
import { formsOf, type Hit, scan, scanFolder } from './canary-scan.ts';
import { demoPassword, demoSecret, type House, house } from './house.ts';
import { superuser } from './superuser.ts';
import { type Answer, bearer, login, type Sent, serviceToken, visit } from './visit.ts';

/** Planted in clear on purpose, so that the scanner is seen to find. */
const proof = 'Wpjxyh';

let h: House;
let files = '';
let backend = '';
let doctor = '';
let compliance = '';
/** Of people who may see what was planted: the one place where it may be found. */
const entitled: string[] = [];
const outputs = new Map<string, string>();
before(async () => {
  h = await house({ MEDCONNECT_LOG_LEVEL: 'trace' });
  files = await mkdtemp(join(tmpdir(), 'medconnect-canary-'));
  await h.start();
  backend = await serviceToken(h.address(), 'demo-backend', demoSecret);
  doctor = await login(h.address(), 'doctor@medconnect.test', demoPassword);
  compliance = await login(h.address(), 'compliance@medconnect.test', demoPassword);
});
after(async () => {
  await h.remove();
  await rm(files, { recursive: true, force: true });
});

/** Asks, keeps what a refusal says for the search, and tells the status. */
async function ask(path: string, sent: Sent = {}, token = backend): Promise<Answer> {
  const headers = { ...bearer(token), ...sent.headers };
  const answer = await visit(h.address() + path, { ...sent, headers });
  const kept = `${JSON.stringify(answer.headers)} ${answer.text}`;
  if (answer.status >= 400) outputs.set(`answer ${outputs.size}, ${answer.status}`, kept);
  else entitled.push(kept);
  return answer;
}

async function expect(status: number, path: string, sent: Sent = {}, token = backend) {
  const answer = await ask(path, sent, token);
  assert.equal(answer.status, status, `${path.slice(0, 60)} ${answer.text.slice(0, 300)}`);
  return answer;
}

/** Who misspells the name of an element or a parameter is told it: no value, and not logged. */
const memberName = /Zqxkvj(?:Property|Nested|LoadedMember|UnknownParameter|BadCriteria)\d+/g;

/** Two words, as a name has. */
const query = (place: string) => `${canary(place)}%20${canary(place)}`;

test('records with a canary in every element are written, read and searched', async () => {
  const patient = patientRecord('canary');
  await expect(201, '/fhir/Patient/canary', { method: 'PUT', body: patient });
  for (const record of clinicalRecords('canary')) {
    const made = await expect(201, `/fhir/${record.resourceType}`, { body: record });
    const path = `/fhir/${record.resourceType}/${made.body.id}`;
    const next = { ...record, id: made.body.id, language: 'en' };
    await expect(200, path, { method: 'PUT', body: next });
    await expect(200, `${path}/_history/1`);
    await expect(200, `${path}/_history`);
  }
  const name = patient.name[0]?.family ?? '';
  const found = await expect(200, `/fhir/Patient?name=${name}&_revinclude=Observation:subject`);
  assert.equal(found.body.entry.length, 2);
  const identifier = patient.identifier[0]?.value ?? '';
  await expect(200, `/fhir/Patient?identifier=${identifier}`, {}, doctor);
  await expect(200, `/fhir/Observation?patient.name:exact=${name}`, {}, doctor);
  await expect(200, '/fhir/Patient/canary', {}, doctor);
  await expect(200, '/fhir/Patient/_history?_count=10');
  await expect(200, '/fhir/Patient/canary', {
    method: 'PUT',
    body: { ...patient, active: true, deceasedBoolean: false },
  });
  const temporary = await expect(201, '/fhir/Patient', {
    body: { resourceType: 'Patient', name: [{ family: canary('Deleted') }] },
  });
  const gone = `/fhir/Patient/${temporary.body.id}`;
  await ask(gone, { method: 'DELETE' }, await login(h.address(), ...admin));
  await ask(gone);
});

const admin = ['admin@medconnect.test', demoPassword] as const;

test('what is asked for holds canaries: queries, bodies of searches, criteria', async () => {
  await expect(200, `/fhir/Patient?name=${canary('QueryName')}`);
  await expect(200, `/fhir/Patient?name:exact=${query('QueryExact')}`);
  await expect(
    200,
    `/fhir/Patient?identifier=urn:${canary('QuerySystem')}|${canary('QueryValue')}`,
  );
  await expect(200, `/fhir/Observation?subject:Patient.family=${canary('Chain')}`);
  await ask(`/fhir/Patient?_has:Observation:patient:code=${canary('Has')}`);
  await ask(`/fhir/Patient?${canary('UnknownParameter')}=${canary('UnknownValue')}`);
  const lenient = { headers: { prefer: 'handling=lenient' } };
  await expect(200, `/fhir/Patient?${canary('Lenient')}=${canary('LenientValue')}`, lenient);
  await ask(`/fhir/Patient?birthdate=${canary('BadDate')}`);
  await ask(`/fhir/Patient?_cursor=${canary('Cursor')}&_count=${canary('Count')}`);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = `name=${canary('FormName')}&address-city=${canary('FormCity')}`;
  await expect(200, '/fhir/Patient/_search', { body, headers: form });
  const criteria = { 'if-none-exist': `identifier=${canary('Criteria')}` };
  const created = { resourceType: 'Patient', name: [{ text: canary('Conditional') }] };
  await expect(201, '/fhir/Patient', { body: created, headers: criteria });
  await ask('/fhir/Patient', {
    body: created,
    headers: { 'if-none-exist': canary('BadCriteria') },
  });
});

test('Bundles hold canaries, sound and broken', async () => {
  const patient = (place: string) => ({
    resourceType: 'Patient',
    identifier: [{ value: canary(place) }],
  });
  const bundle = (type: string, ...entry: object[]) => ({
    body: { resourceType: 'Bundle', type, entry },
  });
  const post = (place: string) => ({ method: 'POST', url: 'Patient', ifNoneExist: canary(place) });
  const full = 'urn:uuid:0d5f3f0e-7a0d-4b55-a8f0-5f0a4a4d7c11';
  const pointing = (target: string) => ({
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: canary('BundleCode') },
      subject: { reference: target, display: canary('BundleDisplay') },
    },
    request: { method: 'POST', url: 'Observation' },
  });
  const posted = { method: 'POST', url: 'Patient' };
  await expect(
    200,
    '/fhir',
    bundle(
      'transaction',
      { fullUrl: full, resource: patient('Transaction'), request: posted },
      pointing(full),
    ),
  );
  await ask('/fhir', bundle('transaction', pointing(`Patient?identifier=${canary('Unmatched')}`)));
  await ask('/fhir', bundle('transaction', pointing(`urn:uuid:${canary('Urn')}`)));
  await ask(
    '/fhir',
    bundle('batch', { request: { method: canary('BatchMethod'), url: 'Patient' } }),
  );
  const refused = { ...patient('Half'), gender: canary('Gender') };
  await ask('/fhir', bundle('transaction', { resource: refused, request: posted }));
  await ask('/fhir', bundle('transaction', { resource: patient('A'), request: post('Bare') }));
  await expect(
    200,
    '/fhir',
    bundle(
      'batch',
      { resource: patient('Batch'), request: posted },
      { request: { method: 'GET', url: `Patient?name=${canary('BatchQuery')}` } },
      { request: { method: 'GET', url: `${canary('BatchType')}/1` } },
      { resource: refused, request: posted },
    ),
  );
});

test('what is refused holds canaries: bodies, paths, headers', async () => {
  const bad: unknown[] = [
    `{"resourceType":"Patient","name":[{"family":"${canary('Broken')}"`,
    `${canary('NoJson')} and more`,
    { resourceType: canary('Type'), name: canary('TypeName') },
    { resourceType: 'Patient', [canary('Property')]: canary('PropertyValue') },
    { resourceType: 'Patient', gender: canary('Code'), birthDate: canary('Birth') },
    { resourceType: 'Patient', name: canary('WrongShape'), active: canary('Boolean') },
    { resourceType: 'Patient', text: { status: 'generated', div: `<script>${canary('Script')}` } },
    { resourceType: 'Patient', contact: [{ [canary('Nested')]: [[canary('Deep')]] }] },
    Buffer.concat([Buffer.from(`{"resourceType":"${canary('Utf8')}`), Buffer.from([0xff, 0xfe])]),
  ];
  for (const body of bad) {
    assert.ok((await ask('/fhir/Patient', { body })).status >= 400);
    assert.ok((await ask('/fhir', { body })).status >= 400);
  }
  for (const path of [
    `/${canary('Path')}/${canary('Path')}`,
    `/fhir/${canary('PathType')}`,
    `/fhir/${canary('PathType')}/1`,
    `/fhir/Patient/${canary('PathId')}%20${canary('PathId')}`,
    `/fhir/Patient/1/${canary('PathOperation')}`,
    `/fhir/Patient/1/_history/${canary('PathVersion')}`,
    `/api/v1/${canary('PathApi')}?name=${canary('PathQuery')}`,
    `/fhir/Patient?_format=${canary('Format')}`,
    `/fhir/%${canary('Percent')}`,
  ]) {
    const answer = await ask(path);
    assert.ok(answer.status >= 400, path);
    // Refused by us, not by what serves below us: its answers say the path back.
    assert.match(answer.text, /"code":"[A-Z_]+"/, path);
  }
  for (const name of [
    ...['accept', 'content-type', 'if-match', 'if-none-match', 'if-modified-since', 'prefer'],
    ...['x-purpose-of-use', 'x-forwarded-for', 'x-forwarded-host', 'x-request-id', 'referer'],
    ...['cookie', 'user-agent', 'traceparent', 'x-patient-name', 'forwarded', 'from'],
  ]) {
    const headers = { [name]: `${canary('Header')} ${canary('Header')}` };
    await ask('/fhir/Patient/canary', { headers });
    await ask('/fhir/Patient/canary', { headers, method: 'PUT', body: {} });
  }
  // A word of its own is a trace id, which the caller makes and we keep; a sentence is none.
  await ask('/fhir/Patient/1', { headers: { 'x-correlation-id': `${canary('Trace')} it` } });
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(canary('Claims')).toString('base64url')}.AAAA`;
  for (const authorization of [`Bearer ${canary('Token')}`, `Bearer ${jwt}`, canary('Scheme')]) {
    await ask('/fhir/Patient/canary', { headers: { authorization } });
  }
});

test('logins, accounts and the audit are asked with canaries', async () => {
  const to = (path: string, body: unknown, headers = {}) => ask(path, { body, headers });
  const mail = `${canary('Login')}@${canary('Host')}.example`;
  const device_id = canary('Device');
  await to('/api/v1/auth/login', { email: mail, password: canary('Password'), device_id });
  await to('/api/v1/auth/login', { email: admin[0], password: canary('Wrong'), device_id });
  await to('/api/v1/auth/login', `{"email":"${canary('BrokenLogin')}`);
  await to('/api/v1/auth/login', { email: [canary('ListLogin')], [canary('Member')]: 1 });
  await to('/api/v1/auth/refresh', { refresh_token: canary('Refresh') });
  await to('/api/v1/auth/validate', { token: canary('Validate') });
  await to('/api/v1/auth/service-token', {
    client_id: canary('Client'),
    client_secret: canary('Secret'),
  });
  const basic = Buffer.from(`${canary('Basic')}:${canary('BasicSecret')}`).toString('base64');
  await to('/api/v1/auth/service-token', undefined, { authorization: `Basic ${basic}` });
  const email = `${canary('Account')}@example.org`;
  const password = `${canary('AccountPassword')} and more`;
  const args = ['admin', 'create', '--tenant', 'demo', '--roles', 'nurse', '--email', email];
  const made = await h.run([...args, '--name', canary('AccountName')], {
    MEDCONNECT_ADMIN_PASSWORD: password,
  });
  assert.equal(made.code, 0, made.err);
  const nurse = await login(h.address(), email, password);
  await expect(200, '/api/v1/auth/me', {}, nurse);
  await expect(200, '/fhir/Patient/canary', {}, nurse);
  for (const filter of [
    'user_id',
    'event_type',
    'resource_type',
    'from',
    'to',
    'cursor',
    'limit',
  ]) {
    await ask(`/api/v1/audit/logs?${filter}=${canary('Filter')}`, {}, compliance);
  }
  await ask(`/api/v1/audit/logs?${canary('FilterName')}=1`, {}, compliance);
  await ask(`/api/v1/audit/logs?patient_id=${query('FilterPatient')}`, {}, compliance);
});

test('files with canaries are loaded, sound and broken lines alike', async () => {
  const line = (value: object) => `${JSON.stringify(value)}\n`;
  const file = join(files, 'people.ndjson');
  const observation = { resourceType: 'Observation', status: 'final', id: 'loaded-2' };
  await writeFile(
    file,
    line({ resourceType: 'Patient', id: 'loaded-1', name: [{ family: canary('Loaded') }] }) +
      line({ ...observation, code: { text: canary('LoadedCode') } }) +
      line({ resourceType: 'Patient', id: 'loaded-3', gender: canary('LoadedGender') }) +
      line({ resourceType: 'Patient', id: 'loaded-4', [canary('LoadedMember')]: 1 }) +
      `{"resourceType":"Patient","id":"${canary('LoadedBroken')}`,
  );
  // A file may be called like a patient: its name is shown to who loads it, and kept nowhere.
  const named = join(files, `${canary('FileName')}.ndjson`);
  await writeFile(named, line({ resourceType: 'Patient', id: 'loaded-5', active: true }));
  const loaded = await h.run(['load', file, named, '--tenant', 'demo']);
  assert.equal(loaded.code, 1, loaded.out + loaded.err);
  outputs.set('output of load', (loaded.out + loaded.err).replaceAll(named, ''));
  const found = await expect(200, '/fhir/Patient/loaded-1');
  assert.ok(found.text.includes(stem));
});

test('nothing planted is in a metric, a document, an export, a statement or a process title', async () => {
  for (const path of ['/metrics', '/health', '/openapi.json', '/fhir/metadata']) {
    outputs.set(path, (await visit(h.address() + path)).text);
  }
  const asked = { headers: bearer(compliance) };
  outputs.set('export', (await visit(`${h.address()}/api/v1/audit/export`, asked)).text);
  const { body } = await visit(`${h.address()}/api/v1/audit/logs?limit=500`, asked);
  // Who reads the audit may see what a caller calls itself and which account was tried.
  const logs = body.logs.map((log) => ({ ...log, user_agent: '', details: '' }));
  outputs.set('audit logs', JSON.stringify(logs));
  outputs.set('processes', await titles());
  await look();
  const hits = [...outputs].flatMap(([name, text]) =>
    scan(name, Buffer.from(text.replaceAll(memberName, '')), formsOf(stem)),
  );
  assert.deepEqual(hits.map(shown), []);
});

async function titles(): Promise<string> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    found.push(await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''));
  }
  return found.join('\n');
}

/** As the superuser: every row as text, which a compressed file would hide, and statements. */
async function look(): Promise<void> {
  const client = await superuser(h.folder);
  try {
    // Into the statistics, too, and out of the memory into the files.
    await client.query('analyze');
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')
       union all values ('pg_stat_activity'), ('pg_stats'), ('pg_prepared_statements')`,
    );
    for (const { name } of rows) {
      const all = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      outputs.set(`rows of ${name}`, all.rows.map(({ row }) => row).join('\n'));
    }
    await client.query('create table public.proof (word text, bytes bytea)');
    for (const { form, bytes } of formsOf(proof)) {
      const wide = form.includes('UTF-16');
      const sent: unknown[] = wide ? [null, bytes] : [bytes.toString(), null];
      await client.query('insert into public.proof values ($1, $2)', sent);
    }
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

let found: Hit[] = [];
const shown = ({ where, form, bytes }: Hit) => `${where}: ${form}: ${JSON.stringify(bytes)}`;

test('nothing planted is in the data folder or in what the program said, and the scanner sees', async () => {
  assert.ok(plantedCount() > 60, `${plantedCount()} planted`);
  assert.ok(entitled.join('').split(stem).length > 100, 'the answers do not show what was stored');
  assert.equal(await h.stop(), 0);
  const { out, err } = await h.running().ended;
  assert.ok(err.split('\n').length > 100, 'there is no log to search');
  const said = scan('the log', Buffer.from(out + err), formsOf(stem));
  const hits = await scanFolder(h.folder, [...formsOf(stem), ...formsOf(proof), ...birthForms()]);
  found = hits;
  const isProof = ({ form }: Hit) => form.toLowerCase().startsWith(proof.toLowerCase());
  const planted = hits.filter((hit) => !isProof(hit) && !hit.form.startsWith('birth'));
  assert.deepEqual([...said, ...planted].map(shown), []);
  const seen = new Set(hits.filter(isProof).map(({ form }) => form));
  const unseen = formsOf(proof).filter(({ form }) => !seen.has(form));
  assert.deepEqual(unseen, [], 'the scanner is blind for some forms');
});

function birthForms() {
  const microseconds = (Date.parse(birthDate) - Date.UTC(2000, 0, 1)) * 1000;
  const instant = Buffer.alloc(8);
  instant.writeBigInt64LE(BigInt(microseconds));
  return [
    { form: 'birth date', bytes: Buffer.from(birthDate) },
    { form: 'birth as timestamptz', bytes: instant },
  ];
}

test('a day of birth is in no file, neither written nor as an instant', () => {
  assert.deepEqual(found.filter(({ form }) => form.startsWith('birth')).map(shown), []);
});
