import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { linkOf, type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs, type Reply } from './call.ts';

let r: TestRecords;
let call: Call;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
  for (const resource of samples()) {
    const { resourceType, id } = resource;
    const reply = await call('PUT', `/fhir/${resourceType}/${id}`, { body: resource });
    assert.equal(reply.status, 201, reply.text);
  }
});
after(() => r.close());

const loinc = 'http://loinc.org';

function samples() {
  const observation = (id: string, code: string, day: number, category = 'vital-signs') => ({
    ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: 'Patient/p' } },
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category },
        ],
      },
    ],
    code: { coding: [{ system: loinc, code }] },
    effectiveDateTime: `2020-01-0${day}`,
  });
  return [
    { resourceType: 'Organization', id: 'org', name: 'O' },
    { resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Welby' }] },
    {
      resourceType: 'Patient',
      id: 'p',
      name: [{ family: 'Adler', given: ['Ruth'] }],
      gender: 'female',
      birthDate: '1970-01-02',
      managingOrganization: { reference: 'Organization/org' },
      identifier: [{ system: 'http://mrn', value: '1' }],
    },
    { resourceType: 'Patient', id: 'q', name: [{ family: 'Other' }] },
    {
      resourceType: 'Encounter',
      id: 'e',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/p' },
      participant: [{ individual: { reference: 'Practitioner/dr' } }],
      period: { start: '2020-01-01' },
    },
    { ...observation('o1', '8867-4', 1), encounter: { reference: 'Encounter/e' } },
    ...[
      observation('o2', '8867-4', 2),
      observation('o3', '8867-4', 3),
      observation('o4', '8310-5', 4),
    ],
  ];
}

type Part = { name: string; part?: Part[]; [key: string]: unknown };
const parameters = (...parameter: Part[]) => ({
  resourceType: 'Parameters',
  ...(parameter.length === 0 ? {} : { parameter }),
});
const partsOf = (reply: Reply) => {
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.resourceType, 'Parameters', reply.text);
  return reply.body['parameter'] as Part[];
};
const contentOf = (reply: Reply, name: string) => {
  const part = partsOf(reply).find((one) => one.name === name) ?? {};
  return Object.entries(part).find(([key]) => key.startsWith('value'))?.[1];
};
function outcome(reply: Reply, ...allowed: number[]): void {
  assert.ok(allowed.includes(reply.status), `${reply.status} ${reply.text}`);
  assert.equal(reply.body.resourceType, 'OperationOutcome', reply.text);
}
const idsOf = (reply: Reply) => {
  assert.equal(reply.status, 200, reply.text);
  return (reply.body.entry ?? []).map(({ resource }) => `${resource.resourceType}/${resource.id}`);
};
const errors = (reply: Reply) => {
  assert.equal(reply.status, 200, reply.text);
  return reply.body.issue.filter(({ severity }) => severity === 'error' || severity === 'fatal');
};

test('$validate: by a body, by Parameters, on an instance, with a profile, with a mode', async () => {
  const good = { resourceType: 'Patient', gender: 'male' };
  const bad = { resourceType: 'Patient', gender: 'nonsense', nonsense: 1 };
  assert.equal(errors(await call('POST', '/fhir/Patient/$validate', { body: good })).length, 0);
  assert.ok(errors(await call('POST', '/fhir/Patient/$validate', { body: bad })).length > 0);
  const wrapped = (resource: object, ...more: Part[]) =>
    parameters({ name: 'resource', resource }, ...more);
  assert.equal(
    errors(await call('POST', '/fhir/Patient/$validate', { body: wrapped(good) })).length,
    0,
  );
  assert.ok(
    errors(await call('POST', '/fhir/Patient/$validate', { body: wrapped(bad) })).length > 0,
  );
  const instance = await call('GET', '/fhir/Patient/p/$validate');
  assert.equal(errors(instance).length, 0);
  const profile = {
    name: 'profile',
    valueUri: 'http://hl7.org/fhir/StructureDefinition/vitalsigns',
  };
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
  assert.ok(
    errors(
      await call('POST', '/fhir/Observation/$validate', { body: wrapped(observation, profile) }),
    ).length > 0,
  );
  const byUrl = await call('POST', `/fhir/Observation/$validate?profile=${profile.valueUri}`, {
    body: observation,
  });
  assert.ok(errors(byUrl).length > 0);
  const unknown = await call('POST', '/fhir/Patient/$validate?profile=http://example.org/none', {
    body: good,
  });
  assert.ok(
    unknown.status >= 400 || unknown.body.issue.some(({ severity }) => severity !== 'information'),
    unknown.text,
  );
  const update = wrapped({ ...good, id: 'p' }, { name: 'mode', valueCode: 'update' });
  assert.equal(errors(await call('POST', '/fhir/Patient/p/$validate', { body: update })).length, 0);
  const deletes = await call('POST', '/fhir/Patient/p/$validate', {
    body: parameters({ name: 'mode', valueCode: 'delete' }),
  });
  assert.ok([200, 400, 422].includes(deletes.status), deletes.text);
  const other = await call('POST', '/fhir/Patient/$validate', { body: observation });
  assert.ok(other.status >= 400 || errors(other).length > 0, other.text);
  const xml = '<Patient xmlns="http://hl7.org/fhir"><gender value="x"/></Patient>';
  const byXml = await call('POST', '/fhir/Patient/$validate', {
    body: xml,
    headers: { 'content-type': 'application/fhir+xml' },
  });
  assert.equal(byXml.status, 200, byXml.text);
  outcome(await call('POST', '/fhir/Nothing/$validate', { body: good }), 400, 404);
});

test('Patient $everything: the compartment and what it refers to, pages, _type, start, _since', async () => {
  const all = idsOf(await call('GET', '/fhir/Patient/p/$everything'));
  for (const one of [
    'Patient/p',
    'Encounter/e',
    'Observation/o1',
    'Observation/o4',
    'Organization/org',
    'Practitioner/dr',
  ])
    assert.ok(all.includes(one), one);
  assert.equal(all.includes('Patient/q'), false);
  assert.equal(new Set(all).size, all.length);
  const reply = await call('GET', '/fhir/Patient/p/$everything');
  assert.equal(reply.body.type, 'searchset');
  assert.deepEqual(
    idsOf(await call('POST', '/fhir/Patient/p/$everything', { body: parameters() })).sort(),
    all.toSorted(),
  );
  const observations = idsOf(await call('GET', '/fhir/Patient/p/$everything?_type=Observation'));
  assert.ok(observations.includes('Observation/o1'));
  assert.equal(observations.includes('Encounter/e'), false);
  const late = idsOf(await call('GET', '/fhir/Patient/p/$everything?start=2020-01-03'));
  assert.deepEqual(
    [late.includes('Observation/o1'), late.includes('Observation/o3')],
    [false, true],
  );
  const early = idsOf(await call('GET', '/fhir/Patient/p/$everything?end=2020-01-02'));
  assert.deepEqual(
    [early.includes('Observation/o1'), early.includes('Observation/o3')],
    [true, false],
  );
  const paged: string[] = [];
  let next: string | undefined = '/fhir/Patient/p/$everything?_count=3';
  for (let turn = 0; next !== undefined && turn < 20; turn += 1) {
    const page: Reply = await call('GET', next);
    paged.push(...idsOf(page));
    next = linkOf(page as never, 'next');
  }
  assert.deepEqual([...new Set(paged)].sort(), all.toSorted());
  const since = await call(
    'GET',
    `/fhir/Patient/p/$everything?_since=${encodeURIComponent(new Date(Date.now() + 1e6).toISOString())}`,
  );
  assert.equal(since.status, 200);
  outcome(await call('GET', '/fhir/Patient/nobody/$everything'), 404);
  outcome(await call('GET', '/fhir/Patient/p/$everything?start=nonsense'), 400);
});

test('Encounter $everything', async () => {
  const all = idsOf(await call('GET', '/fhir/Encounter/e/$everything'));
  for (const one of ['Encounter/e', 'Observation/o1', 'Patient/p', 'Practitioner/dr'])
    assert.ok(all.includes(one), one);
  assert.equal(all.includes('Observation/o2'), false);
});

test('Observation $lastn: the latest of each code, max, category, subject needed', async () => {
  const last = idsOf(await call('GET', '/fhir/Observation/$lastn?patient=p&category=vital-signs'));
  assert.deepEqual(last.toSorted(), ['Observation/o3', 'Observation/o4']);
  const two = idsOf(
    await call('GET', '/fhir/Observation/$lastn?subject=Patient/p&category=vital-signs&max=2'),
  );
  assert.deepEqual(two.toSorted(), ['Observation/o2', 'Observation/o3', 'Observation/o4']);
  const one = idsOf(
    await call('GET', `/fhir/Observation/$lastn?patient=Patient/p&code=${loinc}|8867-4`),
  );
  assert.deepEqual(one, ['Observation/o3']);
  const body = parameters(
    { name: 'max', valueInteger: 1 },
    { name: 'patient', valueString: 'Patient/p' },
  );
  const posted = await call('POST', '/fhir/Observation/$lastn', { body });
  assert.ok([200, 400].includes(posted.status), posted.text);
});

test('Patient $match: a searchset with scores and match-grade, best first', async () => {
  const resource = {
    resourceType: 'Patient',
    name: [{ family: 'Adler', given: ['Ruth'] }],
    gender: 'female',
    birthDate: '1970-01-02',
  };
  const reply = await call('POST', '/fhir/Patient/$match', {
    body: parameters({ name: 'resource', resource }, { name: 'count', valueInteger: 3 }),
  });
  assert.deepEqual(idsOf(reply), ['Patient/p']);
  const [entry] = reply.body.entry as unknown as {
    search: { mode: string; score: number; extension: { url: string; valueCode: string }[] };
  }[];
  assert.equal(entry?.search.mode, 'match');
  assert.ok((entry?.search.score ?? 0) > 0 && (entry?.search.score ?? 2) <= 1);
  assert.equal(
    entry?.search.extension[0]?.url,
    'http://hl7.org/fhir/StructureDefinition/match-grade',
  );
  const certain = await call('POST', '/fhir/Patient/$match', {
    body: parameters(
      { name: 'resource', resource: { resourceType: 'Patient', name: [{ family: 'Zzz' }] } },
      { name: 'onlyCertainMatches', valueBoolean: true },
    ),
  });
  assert.deepEqual(idsOf(certain), []);
  outcome(await call('POST', '/fhir/Patient/$match', { body: parameters() }), 400, 422);
});

test('$meta, $meta-add, $meta-delete by GET and POST', async () => {
  const meta = { tag: [{ system: 'http://tags', code: 'vip' }] };
  const body = parameters({ name: 'meta', valueMeta: meta });
  const added = contentOf(await call('POST', '/fhir/Patient/q/$meta-add', { body }), 'return') as {
    tag: object[];
  };
  assert.deepEqual(added.tag, meta.tag);
  for (const method of ['GET', 'POST'] as const) {
    const reply = await call(
      method,
      '/fhir/Patient/q/$meta',
      method === 'POST' ? { body: parameters() } : {},
    );
    assert.deepEqual((contentOf(reply, 'return') as { tag: object[] }).tag, meta.tag);
  }
  const gone = contentOf(
    await call('POST', '/fhir/Patient/q/$meta-delete', { body }),
    'return',
  ) as {
    tag?: object[];
  };
  assert.equal(gone.tag, undefined);
});

test('an operation that is none is a coded 4xx on each level', async () => {
  for (const url of ['/fhir/$nonsense', '/fhir/Patient/$nonsense', '/fhir/Patient/p/$nonsense'])
    for (const method of ['GET', 'POST'] as const)
      outcome(
        await call(method, url, method === 'POST' ? { body: parameters() } : {}),
        400,
        404,
        405,
        501,
      );
});

test('$everything answers in XML too', async () => {
  const everything = await call('GET', '/fhir/Patient/p/$everything?_format=xml');
  assert.match(everything.text, /<Bundle/);
});
