import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, pathOf, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;
let tenant: number;

before(async () => {
  r = await testRecords();
  tenant = await r.newTenant('Lakeside Clinic');
  call = callAs(r, (await r.asker(tenant, 'admin')).token);
  const of = (id: string, patient: string) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: id }] },
    subject: { reference: `Patient/${patient}` },
  });
  const all = [
    { resourceType: 'Patient', id: 'a', gender: 'female', name: [{ family: 'A' }] },
    { resourceType: 'Patient', id: 'b', gender: 'male' },
    { resourceType: 'Organization', id: 'org', name: 'O' },
    ...[of('x', 'a'), of('y', 'b')],
    {
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: [{ entity: { reference: 'Patient/a' } }],
    },
  ];
  for (const one of all)
    assert.equal(
      (await call('PUT', `/fhir/${one.resourceType}/${one.id}`, { body: one })).status,
      201,
    );
});
after(() => r.close());

const kickOff = { accept: 'application/fhir+json', prefer: 'respond-async' };
const start = (url: string, headers: Record<string, string> = kickOff) =>
  call('GET', url, { headers });
type File = { type: string; url: string; count?: number };
type Manifest = {
  transactionTime: string;
  request: string;
  requiresAccessToken: boolean;
  output: File[];
  error: File[];
  deleted?: File[];
};

async function done(kicked: Reply): Promise<{ reply: Reply; status: string }> {
  assert.equal(kicked.status, 202, kicked.text);
  const at = kicked.header('content-location');
  assert.match(at, /^https?:\/\//);
  for (let turn = 0; turn < 500; turn += 1) {
    const reply = await call('GET', pathOf(at));
    if (reply.status !== 202) return { reply, status: pathOf(at) };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the export never ended');
}
async function exported(url: string): Promise<Manifest> {
  const { reply } = await done(await start(url));
  assert.equal(reply.status, 200, reply.text);
  return reply.body as unknown as Manifest;
}
async function linesOf({ url }: File): Promise<Record<string, unknown>[]> {
  const reply = await call('GET', pathOf(url), { headers: { accept: 'application/fhir+ndjson' } });
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.header('content-type'), /^application\/fhir\+ndjson/);
  return reply.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
async function namesOf(manifest: Manifest): Promise<string[]> {
  const lines = (await Promise.all(manifest.output.map(linesOf))).flat();
  return lines.map(({ resourceType, id }) => `${resourceType}/${id}`).toSorted();
}
function outcome(reply: Reply, ...allowed: number[]): void {
  assert.ok(allowed.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}

test('system export: 202 with Content-Location, then a manifest with all that is asked of one', async () => {
  const manifest = await exported('/fhir/$export');
  assert.ok(!Number.isNaN(Date.parse(manifest.transactionTime)));
  assert.match(manifest.request, /^https?:.*\/fhir\/\$export$/);
  assert.equal(typeof manifest.requiresAccessToken, 'boolean');
  assert.ok(Array.isArray(manifest.error));
  assert.deepEqual(await namesOf(manifest), [
    'Group/g',
    'Observation/x',
    'Observation/y',
    'Organization/org',
    'Patient/a',
    'Patient/b',
  ]);
  for (const file of manifest.output) {
    const lines = await linesOf(file);
    assert.ok(lines.every(({ resourceType }) => resourceType === file.type));
    if (file.count !== undefined) assert.equal(lines.length, file.count);
  }
});

test('patient and group export hold their compartments', async () => {
  const patient = await namesOf(await exported('/fhir/Patient/$export'));
  for (const one of ['Observation/x', 'Observation/y', 'Patient/a', 'Patient/b'])
    assert.ok(patient.includes(one), one);
  const group = await namesOf(await exported('/fhir/Group/g/$export'));
  assert.ok(group.includes('Patient/a') && group.includes('Observation/x'));
  assert.ok(!group.includes('Patient/b') && !group.includes('Observation/y'));
  outcome(await start('/fhir/Group/none/$export'), 404);
});

test('_type, _since, _typeFilter, _elements, _outputFormat', async () => {
  assert.deepEqual(await namesOf(await exported('/fhir/$export?_type=Patient')), [
    'Patient/a',
    'Patient/b',
  ]);
  assert.deepEqual(await namesOf(await exported('/fhir/$export?_type=Organization,Group')), [
    'Group/g',
    'Organization/org',
  ]);
  const filter = encodeURIComponent('Patient?gender=female');
  assert.deepEqual(
    await namesOf(await exported(`/fhir/$export?_type=Patient&_typeFilter=${filter}`)),
    ['Patient/a'],
  );
  const two = encodeURIComponent('Observation?code=x');
  assert.deepEqual(
    await namesOf(
      await exported(
        `/fhir/$export?_type=Patient,Observation&_typeFilter=${filter}&_typeFilter=${two}`,
      ),
    ),
    ['Observation/x', 'Patient/a'],
  );
  const future = encodeURIComponent(new Date(Date.now() + 1e6).toISOString());
  assert.deepEqual((await exported(`/fhir/$export?_since=${future}`)).output, []);
  for (const format of ['application/fhir%2Bndjson', 'application/ndjson', 'ndjson'])
    assert.equal(
      (await start(`/fhir/$export?_type=Group&_outputFormat=${format}`)).status,
      202,
      format,
    );
  const elements = await exported('/fhir/Patient/$export?_type=Patient&_elements=gender');
  const [first] = await linesOf(elements.output[0] ?? assert.fail());
  assert.equal(first?.['name'], undefined);
  assert.notEqual(first?.['gender'], undefined);
});

test('kick-off refuses: no Prefer, a wrong Accept, wrong parameters, unknown types', async () => {
  outcome(await start('/fhir/$export', { accept: 'application/fhir+json' }), 400);
  outcome(await start('/fhir/$export', { ...kickOff, accept: 'text/plain' }), 400, 406);
  outcome(await start('/fhir/$export?_since=nonsense'), 400);
  outcome(await start('/fhir/$export?_type=Nonsense'), 400);
  outcome(await start('/fhir/$export?_outputFormat=text/csv'), 400);
  outcome(await start('/fhir/$export?_typeFilter=Patient'), 400);
  outcome(await start('/fhir/$export?_nonsense=1'), 400);
  const lenient = await start('/fhir/$export?_type=Group&_nonsense=1', {
    ...kickOff,
    prefer: 'respond-async, handling=lenient',
  });
  assert.equal(lenient.status, 202, lenient.text);
});

test('kick-off by POST with Parameters', async () => {
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: '_type', valueString: 'Patient' },
      { name: '_typeFilter', valueString: 'Patient?gender=male' },
    ],
  };
  const { reply } = await done(await call('POST', '/fhir/$export', { body, headers: kickOff }));
  assert.deepEqual(await namesOf(reply.body as unknown as Manifest), ['Patient/b']);
  const group = await call('POST', '/fhir/Group/g/$export', { body, headers: kickOff });
  assert.equal(group.status, 202, group.text);
});

test('status: progress and Retry-After, Expires, DELETE is 202 and then 404', async () => {
  const kicked = await start('/fhir/$export?_type=Group');
  const running = await call('GET', pathOf(kicked.header('content-location')));
  if (running.status === 202) assert.notEqual(running.header('retry-after'), '');
  const { reply, status } = await done(kicked);
  assert.match(reply.header('content-type'), /^application\/json/);
  const manifest = reply.body as unknown as Manifest;
  const gone = await call('DELETE', status);
  assert.equal(gone.status, 202, gone.text);
  outcome(await call('GET', status), 404);
  outcome(await call('DELETE', status), 404);
  outcome(await call('GET', pathOf(manifest.output[0]?.url ?? '')), 404, 410);
});

test('a running export can be cancelled', async () => {
  const kicked = await start('/fhir/$export');
  const at = pathOf(kicked.header('content-location'));
  assert.equal((await call('DELETE', at)).status, 202);
  outcome(await call('GET', at), 404);
});

test('another’s export, and one without a token, are not given out', async () => {
  const { reply, status } = await done(await start('/fhir/$export?_type=Group'));
  const [file] = (reply.body as unknown as Manifest).output;
  const open = callAs(r, undefined);
  if ((reply.body as unknown as Manifest).requiresAccessToken)
    outcome(await open('GET', pathOf(file?.url ?? '')), 401);
  outcome(await open('GET', status), 401);
  const stranger = callAs(r, (await r.asker(await r.newTenant('Other Clinic'), 'admin')).token);
  outcome(await stranger('GET', status), 404, 403);
  outcome(await stranger('GET', pathOf(file?.url ?? '')), 404, 403);
});

test('respond-async of a search answers 202, then a Bundle (async.html)', async () => {
  const kicked = await call('GET', '/fhir/Patient?gender=male', { headers: kickOff });
  assert.ok([200, 202].includes(kicked.status), kicked.text);
  if (kicked.status === 202) assert.equal((await done(kicked)).reply.status, 200);
});
