import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Action, type Decision, openAccess } from '#access';
import { subjectOf } from '../src/standards/fhir/compartment.ts';
import { groupOf } from '../src/standards/fhir/sensitivity.ts';
import { type Clinic, marks, queries, recordsOf } from './access/two-clinics.ts';
import {
  type Answer,
  type Asker,
  type Body,
  bundleOf,
  type Entry,
  linkOf,
  type Resource,
  type TestRecords,
  testRecords,
} from './records.ts';

const access = openAccess();
const roles = ['doctor', 'staff', 'patient', 'researcher', 'integration'] as const;
const purposes = ['TREAT', 'HRESCH'] as const;
type Role = (typeof roles)[number];

let r: TestRecords;
const tenants = new Map<Clinic, number>();
const full = new Map(recordsOf('lakeside').map((one) => [`${one.resourceType}/${one.id}`, one]));

before(async () => {
  r = await testRecords();
  for (const clinic of ['lakeside', 'quayside'] as const) {
    const tenant = await r.newTenant(`${clinic} clinic`);
    tenants.set(clinic, tenant);
    await store(clinic, recordsOf(clinic));
  }
});
after(() => r.close());

const asker = (role: string, clinic: Clinic = 'lakeside') =>
  r.asker(tenants.get(clinic) ?? 0, role, role === 'patient' ? 'ann' : undefined);

async function store(clinic: Clinic, resources: readonly Resource[]): Promise<void> {
  const admin = await asker('admin', clinic);
  const entries = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await admin.post('/fhir', bundleOf('transaction', entries));
  assert.equal(answer.status, 200, answer.text);
}

/** The rule itself, asked of one record: what every path is held against. */
function decide(role: Role, action: Action, name: string, purpose: string): Decision {
  const resource = full.get(name);
  assert.ok(resource, `${name} is none of the records that were stored`);
  const patient = role === 'patient' ? { patient: 'ann' } : {};
  const who = {
    tenant: 1,
    kind: 'user',
    id: 'x',
    roles: [role],
    session: 's',
    ...patient,
  } as const;
  const own = subjectOf(resource)?.id === 'ann';
  return access.decide(who, action, resource.resourceType, own, purpose);
}

function resourcesIn(body: Body | Resource | undefined): Resource[] {
  if (body === undefined || body.resourceType === 'OperationOutcome') return [];
  if (body.resourceType !== 'Bundle') return [body];
  const entries = body['entry'] as { resource?: Resource }[] | undefined;
  return (entries ?? []).flatMap(({ resource }) => resourcesIn(resource));
}

/** Each record shown is one the rule shows, and of it only the groups the rule shows. */
function requireAllowed(role: Role, action: Action, purpose: string, answer: Answer, what: string) {
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
  assert.ok(!answer.text.includes(marks.quayside), `${what}: the other clinic's data`);
  const shown = resourcesIn(answer.body);
  for (const resource of shown) {
    const name = `${resource.resourceType}/${resource.id}`;
    const decision = decide(role, action, name, purpose);
    assert.ok(decision.permit, `${what} as ${role}: ${name} shown, ${decision.because}`);
    for (const element of Object.keys(resource)) {
      if (['resourceType', 'id', 'meta'].includes(element)) continue;
      const group = groupOf(resource.resourceType, element);
      assert.ok(decision.groups.has(group), `${what} as ${role}: ${name}.${element} shown`);
    }
  }
  return shown.length;
}

function entriesOf(answer: Answer): Entry[] {
  assert.equal(answer.status, 200, answer.text);
  return answer.body.entry ?? [];
}

function requireEntryAllowed(role: Role, path: Path | undefined, entry: Entry): void {
  assert.ok(path);
  const { resource, response } = entry;
  const body = (resource ?? response.outcome) as Body;
  const answer = { status: Number.parseInt(response.status, 10), text: JSON.stringify(entry) };
  requireAllowed(role, path.action, 'TREAT', { ...answer, headers: {}, body }, path.url);
}

type Path = { action: Action; url: string };

const operations = [
  ...['Patient/ann/$everything', 'Patient/bob/$everything?_count=2', 'Patient/$everything'],
  ...['Observation/$lastn?patient=ann&max=5', 'Observation/$lastn?patient=bob'],
];

function paths(): Path[] {
  const found: Path[] = [];
  for (const [name, { resourceType }] of full) {
    found.push({ action: 'read', url: `/fhir/${name}` });
    found.push({ action: 'vread', url: `/fhir/${name}/_history/1` });
    found.push({ action: 'history', url: `/fhir/${name}/_history` });
    found.push({ action: 'search', url: `/fhir/${resourceType}?_id=${name.split('/')[1]}` });
  }
  for (const url of operations) found.push({ action: 'search', url: `/fhir/${url}` });
  for (const [type, asked] of Object.entries(queries)) {
    found.push({ action: 'history', url: `/fhir/${type}/_history` });
    found.push(
      ...asked.map((query) => ({ action: 'search' as const, url: `/fhir/${type}?${query}` })),
    );
  }
  found.push({ action: 'history', url: '/fhir/_history' });
  const now = new Date().toISOString();
  for (const whose of ['ann', 'bob']) {
    for (const member of ['*', 'Observation', 'Appointment']) {
      found.push({ action: 'search', url: `/fhir/Patient/${whose}/${member}?_count=5` });
    }
    found.push({ action: 'search', url: `/fhir/Patient?_id=${whose}&_revinclude=*` });
  }
  found.push({ action: 'search', url: '/fhir?_count=7&_total=accurate' });
  found.push({ action: 'search', url: '/fhir?_type=Patient,Observation,Appointment&_sort=_id' });
  found.push({ action: 'search', url: '/fhir/Observation?_content=pulse' });
  found.push({ action: 'search', url: '/fhir/Patient?name:contains=nn' });
  found.push({ action: 'search', url: `/fhir/Observation?_asOf=${pastOf(now)}` });
  return found;
}

/** A Bundle's entries search one type each. */
function isEntryUrl(url: string): boolean {
  return !/^\/fhir(\?|\/Patient\/\w+\/[*A-Z])/.test(url);
}

/** The instant all asked of the past, the same for every asker of this file. */
let past: string | undefined;
function pastOf(now: string): string {
  past ??= now;
  return past;
}

test('the check fails where a record or a group of it is shown that the rule does not show', async () => {
  const [admin, other] = [await asker('admin'), await asker('admin', 'quayside')];
  const check = (role: Role, answer: Answer) => () =>
    requireAllowed(role, 'search', 'TREAT', answer, 'seeded');
  const patients = await admin.get('/fhir/Patient');
  assert.throws(check('patient', patients), /Patient\/bob shown/);
  assert.doesNotThrow(check('staff', patients));
  const appointments = await admin.get('/fhir/Appointment');
  assert.throws(check('staff', appointments), /Appointment\/app-\w+\.\w+ shown/);
  const entry = { request: { method: 'GET', url: 'Observation?code=pulse' } };
  const batch = await admin.post('/fhir', bundleOf('batch', [entry]));
  assert.throws(check('researcher', batch), /Observation\/obs-\w+ shown/);
  assert.throws(check('doctor', await other.get('/fhir/Patient')), /the other clinic/);
});

for (const role of roles) {
  test(`whatever path a ${role} takes, it shows what the rule shows and no more`, async () => {
    const who = await asker(role);
    let shown = 0;
    for (const purpose of purposes) {
      for (const { action, url } of paths()) {
        const headers = { 'x-purpose-of-use': purpose };
        const answer = await who.get(url, headers);
        shown += requireAllowed(role, action, purpose, answer, `${purpose} ${url}`);
        const next = answer.status === 200 && answer.body.link && linkOf(answer, 'next');
        if (next) {
          const more = await who.get(next, headers);
          shown += requireAllowed(role, action, purpose, more, `${purpose} the next of ${url}`);
        }
      }
    }
    assert.ok(shown > 0, 'a path that shows nothing proves nothing');
  });

  test(`in a batch or transaction a ${role} sees no more than by themself`, async () => {
    const who = await asker(role);
    // A Bundle takes no history and no operation.
    const asked = paths().filter(({ url }) => !/_history$|\$/.test(url) && isEntryUrl(url));
    const entries = asked.map(({ url }) => ({
      request: { method: 'GET', url: url.slice('/fhir/'.length) },
    }));
    const batch = await who.post('/fhir', bundleOf('batch', entries));
    const allowed = entriesOf(batch).map((entry, index) => {
      requireEntryAllowed(role, asked[index], entry);
      return entry.response.status.startsWith('200');
    });
    // One refusal ends a transaction: those that are allowed go together, the others alone.
    const together = asked.filter((_, index) => allowed[index]);
    const whole = bundleOf(
      'transaction',
      entries.filter((_, index) => allowed[index]),
    );
    for (const [index, entry] of entriesOf(await who.post('/fhir', whole)).entries()) {
      requireEntryAllowed(role, together[index], entry);
    }
    for (const entry of entries.filter((_, index) => !allowed[index])) {
      const refused = await who.post('/fhir', bundleOf('transaction', [entry]));
      assert.ok(refused.status >= 400 && refused.status < 500, entry.request.url);
      assert.deepEqual(resourcesIn(refused.body), []);
    }
  });

  test(`a ${role} finds everything of a type that the rule shows them`, async () => {
    const who = await asker(role);
    for (const type of Object.keys(queries)) {
      const names = [...full.keys()].filter((name) => name.startsWith(`${type}/`));
      const allowed = names.filter((name) => decide(role, 'search', name, 'TREAT').permit);
      const answer = await who.get(`/fhir/${type}?_total=accurate`);
      const found = resourcesIn(answer.body).map((one) => `${type}/${one.id}`);
      assert.deepEqual(found.sort(), allowed.sort(), `${role} ${type}`);
      if (answer.status === 200) assert.equal(answer.body.total, allowed.length);
      else assert.equal(answer.status, 403);
    }
  });
}

/** Everything an asker can be told, paging tokens aside: they are sealed anew each time. */
async function everything(who: Asker): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  for (const { url } of paths()) {
    const answer = await who.get(url);
    const text = answer.text.replaceAll(/_cursor=[\w-]+/g, '_cursor=');
    told.set(url, `${answer.status} ${answer.headers['etag'] ?? ''} ${text}`);
  }
  return told;
}

/** Other words and codes and times of what the asker may not see. */
function changed(resource: Resource): Resource {
  const text = JSON.stringify(resource)
    .replaceAll('gout', 'measles')
    .replaceAll('pulse', 'blood')
    .replaceAll('555-', '777-')
    .replaceAll('1970-05-12', '2001-02-03')
    .replaceAll(marks.lakeside, 'Otherwise');
  return JSON.parse(text) as Resource;
}

for (const role of ['patient', 'staff', 'researcher'] as const) {
  test(`no byte told to a ${role} depends on a record they may not see`, async () => {
    const who = await asker(role);
    const hidden = [...full].filter(([name]) => !decide(role, 'search', name, 'TREAT').permit);
    assert.ok(hidden.length > 0);
    const resources = hidden.map(([, resource]) => resource);
    const before = await everything(who);
    await store('lakeside', resources.map(changed));
    const after = await everything(who);
    const doctor = await asker('doctor');
    const seen = resourcesIn((await doctor.get('/fhir/Observation?code=blood')).body);
    await store('lakeside', resources);
    const differing = [...before].filter(([url, text]) => after.get(url) !== text);
    assert.deepEqual(differing, []);
    assert.ok(seen.length > 0, 'the change must be one that somebody sees');
  });
}

test('staff may neither ask about nor sort by what they do not see', async () => {
  const staff = await asker('staff');
  for (const query of ['reason-code=gout', 'reason-code:missing=true', '_sort=specialty']) {
    const answer = await staff.get(`/fhir/Appointment?${query}`);
    assert.equal(answer.status, 403, query);
    assert.equal(answer.body.issue[0]?.code, 'forbidden');
  }
  const asked = [
    ...['Patient?_has:Appointment:patient:reason-code=gout', 'Encounter?patient:missing=false'],
    ...['Encounter?status=finished', 'Practitioner?_has:Appointment:practitioner:specialty=onc'],
    'Patient?_revinclude=Encounter:patient',
  ];
  for (const url of asked) assert.equal((await staff.get(`/fhir/${url}`)).status, 403, url);
  assert.equal((await staff.get('/fhir/Appointment?date=ge2000')).status, 200);
  const criteria = { 'if-none-exist': 'reason-code=gout' };
  const appointment = {
    resourceType: 'Appointment',
    status: 'proposed',
    participant: [{ status: 'accepted' }],
  };
  assert.equal((await staff.post('/fhir/Appointment', appointment, criteria)).status, 403);
});

test('an update by staff keeps what they do not see, and they cannot write it', async () => {
  const [staff, doctor] = [await asker('staff'), await asker('doctor')];
  const url = '/fhir/Appointment/app-bob';
  const seen = (await staff.get(url)).body;
  assert.equal(seen['reasonCode'], undefined);
  assert.equal(seen['description'], undefined);
  const { meta, ...mine } = seen;
  assert.equal(JSON.stringify(meta).includes('SUBSETTED'), true);
  const put = await staff.put(url, { ...mine, status: 'cancelled' });
  assert.equal(put.status, 200, put.text);
  assert.equal(put.body['description'], undefined);
  const whole = (await doctor.get(url)).body;
  assert.equal(whole['status'], 'cancelled');
  assert.equal(whole['description'], marks.lakeside);
  assert.ok(whole['reasonCode'] && whole['specialty']);
  const found = await doctor.get('/fhir/Appointment?reason-code=gout&status=cancelled');
  assert.equal(found.body.total, 1);
  const written = await staff.put(url, { ...mine, description: 'by the desk' });
  assert.equal(written.status, 403);
  assert.equal((await doctor.get(url)).body['description'], marks.lakeside);
  const original = full.get('Appointment/app-bob');
  if (original !== undefined) await store('lakeside', [original]);
});

test('conditions and conditional references never match in another clinic', async () => {
  const system = await asker('integration');
  const identifier = [{ system: 'urn:mrn', value: `${marks.quayside}ann` }];
  const criteria = `identifier=urn:mrn|${marks.quayside}ann`;
  const resource = { resourceType: 'Patient', identifier };
  const made = await system.post('/fhir/Patient', resource, { 'if-none-exist': criteria });
  assert.equal(made.status, 201);
  await (await asker('admin')).remove(`/fhir/Patient/${made.body.id}`);
  const reference = `Patient?${criteria}`;
  const condition = { resourceType: 'Condition', subject: { reference } };
  const request = { method: 'POST', url: 'Condition' };
  const linked = await system.post(
    '/fhir',
    bundleOf('transaction', [{ resource: condition, request }]),
  );
  assert.equal(linked.status, 412);
});

test('a patient’s refusal is the same for what is another’s and for what never was', async () => {
  const ann = await asker('patient');
  for (const suffix of ['', '/_history', '/_history/1']) {
    const others = await ann.get(`/fhir/Observation/obs-bob${suffix}`);
    const never = await ann.get(`/fhir/Observation/obs-eve${suffix}`);
    assert.equal(others.status, never.status, suffix);
    assert.equal(others.text.replaceAll('obs-bob', 'obs-eve'), never.text, suffix);
  }
  const known = await ann.get('/fhir/Observation/obs-bob', { 'if-none-match': 'W/"1"' });
  assert.equal(known.status, 404);
});
