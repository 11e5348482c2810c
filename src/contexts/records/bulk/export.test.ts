import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  type Asker,
  bundleOf,
  type Resource,
  type TestRecords,
  testRecords,
} from '../../../../test/records.ts';

let r: TestRecords;
let tenant: number;
let admin: Asker;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('export clinic');
  admin = await r.asker(tenant, 'admin');
  await store([
    { resourceType: 'Patient', id: 'ann', gender: 'female', name: [{ family: 'Wintermere' }] },
    { resourceType: 'Patient', id: 'bob', gender: 'male' },
    { resourceType: 'Patient', id: 'cid', gender: 'other' },
    { resourceType: 'Organization', id: 'org', name: 'Lakeside' },
    observation('o1', 'ann', 'final'),
    observation('o2', 'bob', 'final'),
    observation('o3', 'ann', 'preliminary'),
    { resourceType: 'Basic', id: 'loose', code: { text: 'nobody’s' } },
    {
      ...{ resourceType: 'Group', id: 'g', type: 'person', actual: true },
      member: [
        { entity: { reference: 'Patient/ann' } },
        { entity: { reference: 'Patient/bob' }, inactive: true },
      ],
    },
  ]);
});
after(() => r.close());

function observation(id: string, patient: string, status: string): Resource {
  return {
    ...{ resourceType: 'Observation', id, status, code: { text: 'pulse' } },
    subject: { reference: `Patient/${patient}` },
    valueString: 'seventy',
  };
}

async function store(resources: readonly Resource[]): Promise<void> {
  const entries = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(answer.status, 200, answer.text);
}

const respondAsync = { prefer: 'respond-async', accept: 'application/fhir+json' };
type File = { type: string; url: string; count: number };
type Manifest = {
  transactionTime: string;
  request: string;
  requiresAccessToken: boolean;
  output: File[];
  deleted: File[];
  error: File[];
};

const local = (url: unknown) => String(url).replace(/^https?:\/\/[^/]+/, '');

async function finished(who: Asker, kickOff: Answer): Promise<Answer> {
  assert.equal(kickOff.status, 202, kickOff.text);
  const status = local(kickOff.headers['content-location']);
  for (let turn = 0; turn < 500; turn += 1) {
    const answer = await who.get(status);
    if (answer.status !== 202) return answer;
    assert.ok(answer.headers['retry-after']);
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('the export never ended');
}

async function exported(who: Asker, url: string, body?: object): Promise<Manifest> {
  const kickOff =
    body === undefined ? await who.get(url, respondAsync) : await who.post(url, body, respondAsync);
  const answer = await finished(who, kickOff);
  assert.equal(answer.status, 200, answer.text);
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  return answer.body as unknown as Manifest;
}

/** Not through `Asker`, which reads an answer as one JSON. */
async function lines(who: Asker, file: File): Promise<Resource[]> {
  const headers = { authorization: `Bearer ${who.token}` };
  const answer = await r.app.server.inject({ method: 'GET', url: local(file.url), headers });
  assert.equal(answer.statusCode, 200, answer.body);
  assert.match(String(answer.headers['content-type']), /^application\/fhir\+ndjson/);
  const found = answer.body.split('\n').filter((line) => line !== '');
  assert.equal(found.length, file.count);
  return found.map((line) => JSON.parse(line) as Resource);
}

async function names(who: Asker, manifest: Manifest): Promise<string[]> {
  const all: string[] = [];
  for (const file of manifest.output) {
    for (const one of await lines(who, file)) {
      assert.equal(one.resourceType, file.type);
      all.push(`${one.resourceType}/${one.id}`);
    }
  }
  return all.sort();
}

test('a system export holds every record, as a read shows it', async () => {
  const manifest = await exported(admin, '/fhir/$export');
  assert.deepEqual(await names(admin, manifest), [
    ...['Basic/loose', 'Group/g', 'Observation/o1', 'Observation/o2', 'Observation/o3'],
    ...['Organization/org', 'Patient/ann', 'Patient/bob', 'Patient/cid'],
  ]);
  assert.equal(manifest.requiresAccessToken, true);
  assert.match(manifest.request, /\/fhir\/\$export$/);
  assert.ok(Date.parse(manifest.transactionTime) <= Date.now());
  assert.deepEqual([manifest.deleted, manifest.error], [[], []]);
  const file = manifest.output.find(({ type }) => type === 'Observation');
  assert.ok(file);
  const [first] = await lines(admin, file);
  assert.deepEqual(first, (await admin.get(`/fhir/Observation/${first?.id}`)).body);
});

test('an export of patients leaves out what is in no compartment', async () => {
  const manifest = await exported(admin, '/fhir/Patient/$export');
  assert.deepEqual(await names(admin, manifest), [
    ...['Group/g', 'Observation/o1', 'Observation/o2', 'Observation/o3', 'Organization/org'],
    ...['Patient/ann', 'Patient/bob', 'Patient/cid'],
  ]);
  const parameter = [
    { name: 'patient', valueReference: { reference: 'Patient/bob' } },
    { name: '_type', valueString: 'Observation,Patient' },
  ];
  const one = await exported(admin, '/fhir/Patient/$export', {
    ...{ resourceType: 'Parameters', parameter },
  });
  assert.deepEqual(await names(admin, one), ['Observation/o2', 'Patient/bob']);
});

test('an export of a Group holds the records of its active members', async () => {
  const manifest = await exported(admin, '/fhir/Group/g/$export');
  assert.deepEqual(await names(admin, manifest), [
    ...['Group/g', 'Observation/o1', 'Observation/o3', 'Organization/org', 'Patient/ann'],
  ]);
  assert.equal((await admin.get('/fhir/Group/none/$export', respondAsync)).status, 404);
});

test('_type, _typeFilter, _since, _until and _elements narrow it', async () => {
  const filter = encodeURIComponent('Observation?status=preliminary');
  const filtered = await exported(admin, `/fhir/$export?_type=Observation&_typeFilter=${filter}`);
  assert.deepEqual(await names(admin, filtered), ['Observation/o3']);
  const either = `${filter}&_typeFilter=${encodeURIComponent('Observation?subject=Patient/bob')}`;
  const both = await exported(admin, `/fhir/$export?_type=Observation&_typeFilter=${either}`);
  assert.deepEqual(await names(admin, both), ['Observation/o2', 'Observation/o3']);
  const before = new Date().toISOString();
  await store([{ resourceType: 'Basic', id: 'later', code: { text: 'x' } }]);
  const since = await exported(admin, `/fhir/$export?_since=${before}`);
  assert.deepEqual(await names(admin, since), ['Basic/later']);
  const until = await exported(admin, `/fhir/$export?_type=Basic&_until=${before}`);
  assert.deepEqual(await names(admin, until), ['Basic/loose']);
  const few = await exported(admin, '/fhir/$export?_type=Patient&_elements=Patient.gender');
  const [file] = few.output;
  assert.ok(file);
  for (const one of await lines(admin, file)) {
    assert.deepEqual(Object.keys(one).sort(), ['gender', 'id', 'meta', 'resourceType']);
    assert.match(JSON.stringify(one['meta']), /SUBSETTED/);
  }
});

test('what was deleted since is listed', async () => {
  await store([observation('gone', 'ann', 'final')]);
  const before = new Date().toISOString();
  await admin.remove('/fhir/Observation/gone');
  const manifest = await exported(admin, `/fhir/$export?_type=Observation&_since=${before}`);
  assert.deepEqual(manifest.output, []);
  const [file] = manifest.deleted;
  assert.ok(file);
  const [bundle] = await lines(admin, file);
  assert.deepEqual(bundle?.['entry'], [{ request: { method: 'DELETE', url: 'Observation/gone' } }]);
});

test('an export is of one instant, whatever is written while it runs', async () => {
  await store([observation('now', 'cid', 'preliminary'), observation('then', 'cid', 'final')]);
  const kickOff = await admin.get('/fhir/Patient/$export?_type=Observation', respondAsync);
  const manifest = (await finished(admin, kickOff)).body as unknown as Manifest;
  const shown = new Map<string, Resource>();
  for (const file of manifest.output) {
    for (const one of await lines(admin, file)) shown.set(one.id, one);
  }
  for (const one of shown.values()) {
    const { lastUpdated } = one['meta'] as { lastUpdated: string };
    assert.ok(lastUpdated <= manifest.transactionTime);
  }
  assert.ok(shown.has('now') && shown.has('then'));
});

test('nobody gets more by an export than by reading', async () => {
  const staff = await r.asker(tenant, 'staff');
  const manifest = await exported(staff, '/fhir/$export');
  assert.deepEqual(
    [...new Set(manifest.output.map(({ type }) => type))],
    ['Organization', 'Patient'],
  );
  const [told] = manifest.error;
  assert.ok(told);
  const said = JSON.stringify(await lines(staff, told));
  assert.match(said, /do not see these types: Basic, Group, Observation/);
  const refused = await staff.get('/fhir/$export?_type=Observation', respondAsync);
  assert.equal(refused.status, 403);
  const ann = await r.asker(tenant, 'patient', 'ann');
  const own = await exported(ann, '/fhir/$export?_type=Patient,Observation');
  assert.deepEqual(await names(ann, own), ['Observation/o1', 'Observation/o3', 'Patient/ann']);
  const filter = encodeURIComponent('Appointment?reason-code=gout');
  const asked = await staff.get(
    `/fhir/$export?_type=Appointment&_typeFilter=${filter}`,
    respondAsync,
  );
  assert.equal(asked.status, 403, 'a filter by what is not seen');
});

test('a job and its files are its owner’s', async () => {
  const kickOff = await admin.get('/fhir/$export?_type=Patient', respondAsync);
  const status = local(kickOff.headers['content-location']);
  const manifest = (await finished(admin, kickOff)).body as unknown as Manifest;
  const doctor = await r.asker(tenant, 'doctor');
  const url = local(manifest.output[0]?.url);
  assert.equal((await doctor.get(status)).status, 404);
  assert.equal((await doctor.get(url)).status, 404);
  assert.equal((await doctor.remove(status)).status, 404);
  assert.equal((await r.ask(undefined, 'GET', url)).status, 401);
  const other = await r.asker(await r.newTenant('elsewhere'), 'admin');
  assert.equal((await other.get(url)).status, 404);
  assert.equal((await admin.remove(status)).status, 202);
  assert.equal((await admin.get(status)).status, 404);
  assert.equal((await admin.get(url)).status, 404);
});

test('every patient whose data left is in the audit', async () => {
  const before = await r.behind(
    `select count(*)::int as n from audit.event e where tenant = $1 and subject <> 0 and note like '%as_of%'`,
    [tenant],
  );
  await exported(admin, '/fhir/$export?_type=Observation');
  const rows = await r.behind(
    `select note from audit.event where tenant = $1 and subject <> 0 and note like '%as_of%'`,
    [tenant],
  );
  // ann, bob and cid, one event each for the one part.
  assert.equal(rows.length - Number(before[0]?.['n']), 3);
});

test('after an erasure the files made before are gone', async () => {
  const kickOff = await admin.get('/fhir/$export?_type=Patient', respondAsync);
  const manifest = (await finished(admin, kickOff)).body as unknown as Manifest;
  await store([{ resourceType: 'Patient', id: 'dee' }]);
  const [row] = await r.behind(`select subject from records.resource where id = 'dee'`);
  await r.t.database.transaction(tenant, (tx) =>
    r.app.phi.destroy(tx, BigInt(String(row?.['subject']))),
  );
  const url = local(manifest.output[0]?.url);
  assert.equal((await admin.get(url)).status, 410);
  assert.equal((await admin.get(url)).status, 404);
  const again = await exported(admin, '/fhir/$export?_type=Patient');
  assert.match(JSON.stringify(await lines(admin, again.error[0] as File)), /1 records of erased/);
});

test('what is not understood is refused at once', async () => {
  const wrong: Record<string, RegExp> = {
    '_outputFormat=text/csv': /_outputFormat/,
    '_type=Patiens': /_type/,
    '_since=yesterday': /_since/,
    'includeAssociatedData=LatestProvenanceResources': /includeAssociatedData/,
    '_typeFilter=Observation': /_typeFilter/,
    '_typeFilter=Observation%3Fcolour%3Dred': /colour/,
    'patient=Patient/ann': /patient/,
  };
  for (const [query, says] of Object.entries(wrong)) {
    const answer = await admin.get(`/fhir/$export?${query}`, respondAsync);
    assert.equal(answer.status, 400, query);
    assert.match(answer.text, says);
  }
  assert.equal((await admin.get('/fhir/$export')).status, 400);
  const headers = { ...respondAsync, prefer: 'respond-async, handling=lenient' };
  const lenient = await admin.get('/fhir/$export?_type=Patient&colour=red', headers);
  const manifest = (await finished(admin, lenient)).body as unknown as Manifest;
  assert.match(JSON.stringify(await lines(admin, manifest.error[0] as File)), /Ignored.*colour/);
});
