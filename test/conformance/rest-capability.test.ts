import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestRecords, testRecords } from '../records.ts';
import { type Call, callAs } from './call.ts';

let r: TestRecords;
let call: Call;

type Named = { code?: string; name?: string; definition?: string; type?: string };
type TypeClaim = {
  type: string;
  interaction: { code: string }[];
  searchParam: Named[];
  searchInclude?: string[];
  searchRevInclude?: string[];
  operation?: Named[];
  versioning: string;
  [flag: string]: unknown;
};
type Claim = {
  mode: string;
  security: { service: { coding: { code: string }[] }[]; cors: boolean };
  resource: TypeClaim[];
  interaction: { code: string }[];
  operation: Named[];
  searchParam: Named[];
};
let rest: Claim;
let statement: Record<string, unknown>;

before(async () => {
  r = await testRecords();
  call = callAs(r, (await r.asker(await r.newTenant('Lakeside Clinic'), 'admin')).token);
  statement = (await call('GET', '/fhir/metadata')).body;
  [rest] = statement['rest'] as [Claim];
});
after(() => r.close());

test('metadata is open, a whole CapabilityStatement, and valid', async () => {
  const open = await callAs(r, undefined)('GET', '/fhir/metadata');
  assert.equal(open.status, 200);
  for (const name of [
    'status',
    'date',
    'kind',
    'fhirVersion',
    'format',
    'rest',
    'software',
    'implementation',
  ])
    assert.notEqual(statement[name], undefined, name);
  assert.equal(statement['resourceType'], 'CapabilityStatement');
  assert.equal(statement['kind'], 'instance');
  assert.equal(statement['fhirVersion'], '4.0.1');
  const formats = statement['format'] as string[];
  assert.ok(formats.includes('json') || formats.includes('application/fhir+json'));
  assert.ok(formats.includes('xml') || formats.includes('application/fhir+xml'));
  assert.deepEqual(
    (statement['patchFormat'] as string[]).includes('application/json-patch+json'),
    true,
  );
  assert.equal(rest.mode, 'server');
  const checked = await call('POST', '/fhir/CapabilityStatement/$validate', { body: statement });
  const errors = checked.body.issue.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, [], checked.text);
});

test('metadata?mode: full, normative, terminology; OPTIONS is its older name', async () => {
  const terminology = await call('GET', '/fhir/metadata?mode=terminology');
  assert.equal(terminology.body.resourceType, 'TerminologyCapabilities');
  const checked = await call('POST', '/fhir/TerminologyCapabilities/$validate', {
    body: terminology.body,
  });
  assert.deepEqual(
    checked.body.issue.filter(({ severity }) => severity === 'error'),
    [],
    checked.text,
  );
  for (const mode of ['full', 'normative'])
    assert.equal(
      (await call('GET', `/fhir/metadata?mode=${mode}`)).body.resourceType,
      'CapabilityStatement',
    );
  const summary = await call('GET', '/fhir/metadata?_summary=true');
  assert.ok([200, 400].includes(summary.status), summary.text);
  assert.equal(
    (await call('GET', '/fhir/metadata?_elements=fhirVersion')).body['fhirVersion'],
    '4.0.1',
  );
});

test('what is claimed of every type works: each search parameter, include and sort', async () => {
  const wrong: string[] = [];
  for (const { type, searchParam, searchInclude = [], searchRevInclude = [] } of rest.resource) {
    const values: Record<string, string> = {
      date: '2020',
      number: '1',
      quantity: '1',
      token: 'a',
      string: 'a',
      uri: 'http://a',
      reference: 'a1',
    };
    const asked = searchParam.flatMap(({ name = '', type: kind = '' }) => {
      const value = values[kind];
      return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
    });
    asked.push(...searchInclude.map((one) => `_include=${one}`));
    asked.push(...searchRevInclude.map((one) => `_revinclude=${one}`));
    for (let from = 0; from < asked.length; from += 12) {
      const reply = await call('GET', `/fhir/${type}?${asked.slice(from, from + 12).join('&')}`);
      if (reply.status !== 200)
        wrong.push(`${type} ${asked.slice(from, from + 12).join('&')} ${reply.text}`);
    }
  }
  assert.deepEqual(wrong.slice(0, 5), []);
});

test('each claimed interaction is answered; nothing is claimed that is not there', async () => {
  assert.equal(rest.resource.length > 140, true);
  const claimed = new Set(
    rest.resource.find(({ type }) => type === 'Patient')?.interaction.map(({ code }) => code),
  );
  for (const code of [
    'read',
    'vread',
    'update',
    'patch',
    'delete',
    'history-instance',
    'history-type',
    'create',
    'search-type',
  ])
    assert.ok(claimed.has(code), code);
  const system = new Set(rest.interaction.map(({ code }) => code));
  for (const code of ['transaction', 'batch', 'search-system', 'history-system'])
    assert.ok(system.has(code), code);
  const patient = rest.resource.find(({ type }) => type === 'Patient') ?? assert.fail();
  assert.match(patient.versioning, /versioned/);
  assert.equal(patient['updateCreate'], true);
  assert.equal(patient['conditionalCreate'], true);
  assert.equal(patient['conditionalRead'], 'full-support');
  assert.equal(patient['conditionalUpdate'], true);
  assert.match(String(patient['conditionalDelete']), /single|multiple/);
  assert.equal(patient['readHistory'], true);
});

test('each claimed operation has a definition and answers something other than 404 and 405', async () => {
  await call('PUT', '/fhir/Patient/p', { body: { resourceType: 'Patient', id: 'p' } });
  const all = [
    ...rest.operation.map((one) => ({ at: '', ...one })),
    ...rest.resource.flatMap(({ type, operation = [] }) =>
      operation.map((one) => ({ at: `/${type}`, ...one })),
    ),
  ];
  const wrong: string[] = [];
  for (const { at, name = '', definition } of all) {
    if (definition === undefined || !/^(https?|urn):/.test(definition))
      wrong.push(`${at} ${name}: ${definition}`);
    assert.doesNotMatch(name, /^\$/);
    if (
      ![
        '',
        '/Patient',
        '/ValueSet',
        '/CodeSystem',
        '/ConceptMap',
        '/Observation',
        '/Group',
        '/Subscription',
      ].includes(at)
    )
      continue;
    const tries = [];
    for (const place of [at, `${at}/p`])
      for (const method of ['GET', 'POST'] as const)
        tries.push(
          (
            await call(
              method,
              `/fhir${place}/$${name}`,
              method === 'POST' ? { body: { resourceType: 'Parameters' } } : {},
            )
          ).text,
        );
    if (tries.every((text) => /no such operation|NO_SUCH|not a resource type/i.test(text)))
      wrong.push(`${at}/$${name} ${tries[0]}`);
  }
  assert.deepEqual(wrong, []);
});

test('known operations are claimed', async () => {
  const of = (type: string) =>
    rest.resource.find((one) => one.type === type)?.operation?.map(({ name }) => name) ?? [];
  const system = rest.operation.map(({ name }) => name);
  const every = (names: readonly (string | undefined)[], wanted: string[]) =>
    assert.deepEqual(
      wanted.filter((one) => !names.includes(one)),
      [],
    );
  every([...of('Patient'), ...system], ['everything', 'match', 'export', 'validate']);
  every([...of('Group'), ...system], ['export']);
  every(of('ValueSet'), ['expand', 'validate-code']);
  every(of('CodeSystem'), ['lookup', 'validate-code', 'subsumes']);
  every(of('ConceptMap'), ['translate']);
  every(of('Observation'), ['lastn']);
  every(of('Encounter'), ['everything']);
  every(system, ['export']);
});

test('what is claimed of all types is answered; what R4 asks of all types is claimed', async () => {
  const asked = [
    '_text=a',
    '_content=a',
    '_list=1',
    '_has:Observation:patient:code=1',
    "_filter=name eq 'a'",
  ];
  for (const one of asked) {
    const reply = await call('GET', `/fhir/Patient?${encodeURI(one)}`);
    assert.equal(reply.status, 200, `${one} ${reply.text}`);
    assert.ok(
      rest.searchParam.some(({ name }) => name === one.split(/[:=]/, 1)[0]),
      one,
    );
  }
  assert.equal((await call('GET', '/fhir?_type=Patient,Group&_id=a')).status, 200);
  const location = rest.resource.find(({ type }) => type === 'Location');
  assert.ok(location?.searchParam.some(({ name, type }) => name === 'near' && type === 'special'));
  assert.equal((await call('GET', '/fhir/Location?near=42.2|-83.6|10|km')).status, 200);
});

test('Bulk Data Access is told of as instantiated', () => {
  const bulk = 'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data';
  assert.ok((statement['instantiates'] as string[]).includes(bulk));
});
