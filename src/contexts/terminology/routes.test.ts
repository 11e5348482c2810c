import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, type Outcome, type TestRecords, testRecords } from '../../../test/records.ts';

let records: TestRecords;
let tenant: number;
let who: Asker;
let admin: Asker;

type Part = { name: string; part?: Part[]; [value: string]: unknown };

before(async () => {
  records = await testRecords();
  tenant = await records.newTenant('Terms Clinic');
  who = await records.asker(tenant, 'nurse');
  admin = await records.asker(tenant, 'admin');
});
after(() => records.close());

const gender = 'http://hl7.org/fhir/administrative-gender';
const genders = 'http://hl7.org/fhir/ValueSet/administrative-gender';

function query(path: string, values: Record<string, string>): string {
  return `/fhir/${path}?${new URLSearchParams(values)}`;
}

/** The parameters of an answer by name; values without their type. */
async function told(path: string, values: Record<string, string> | Part[], as: Asker = who) {
  const answer = Array.isArray(values)
    ? await as.post(`/fhir/${path}`, { resourceType: 'Parameters', parameter: values })
    : await as.get(query(path, values));
  assert.equal(answer.status, 200, answer.text);
  const { resourceType, parameter } = JSON.parse(answer.text) as {
    resourceType: string;
    parameter: Part[];
  };
  assert.equal(resourceType, 'Parameters');
  return Object.fromEntries(parameter.map((one) => [one.name, content(one)]));
}

function content(one: Part): unknown {
  if (one.part !== undefined) {
    return Object.fromEntries(one.part.map((part) => [part.name, content(part)]));
  }
  return Object.entries(one).find(([key]) => key.startsWith('value'))?.[1];
}

async function refused(path: string, values: Record<string, string>, as: Asker = who) {
  const answer = await as.get(query(path, values));
  const { issue } = JSON.parse(answer.text) as Outcome;
  return [answer.status, issue[0]?.code];
}

type Expansion = {
  status: string;
  compose?: object;
  expansion: {
    total: number;
    offset?: number;
    timestamp: string;
    identifier: string;
    parameter: Part[];
    contains?: { system: string; code: string; display?: string; designation?: object[] }[];
  };
};

async function expanded(values: Record<string, string>, path = 'ValueSet/$expand') {
  const answer = await who.get(query(path, values));
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as Expansion;
}

const codes = ({ expansion }: Expansion) => (expansion.contains ?? []).map(({ code }) => code);

test('a code is validated in a value set, with the display to show', async () => {
  const asked = { url: genders, system: gender, code: 'female' };
  assert.deepEqual(await told('ValueSet/$validate-code', asked), {
    result: true,
    display: 'Female',
  });
  const wrong = await told('ValueSet/$validate-code', { ...asked, code: 'girl' });
  assert.deepEqual([wrong['result'], typeof wrong['message']], [false, 'string']);
  const display = await told('ValueSet/$validate-code', { ...asked, display: 'Woman' });
  assert.deepEqual([display['result'], display['display']], [false, 'Female']);
  const spaced = await told('ValueSet/$validate-code', { ...asked, display: ' female' });
  assert.equal(spaced['result'], true);
  const other = await told('ValueSet/$validate-code', { ...asked, system: 'urn:other' });
  assert.equal(other['result'], false);
});

test('a Coding and a CodeableConcept are validated by POST', async () => {
  const url = { name: 'url', valueUri: genders };
  const coding = { system: gender, code: 'male' };
  const one = await told('ValueSet/$validate-code', [url, { name: 'coding', valueCoding: coding }]);
  assert.equal(one['result'], true);
  const concept = (...list: object[]) => ({
    name: 'codeableConcept',
    valueCodeableConcept: { coding: list },
  });
  const many = [url, concept({ system: 'urn:x', code: 'y' }, coding)];
  assert.equal((await told('ValueSet/$validate-code', many))['result'], true);
  const none = [url, concept({ system: 'urn:x', code: 'y' })];
  assert.equal((await told('ValueSet/$validate-code', none))['result'], false);
});

test('what cannot be told is not called invalid', async () => {
  const concept = {
    coding: [
      { system: 'urn:x', code: 'y' },
      { system: 'http://loinc.org', code: '8480-6' },
    ],
  };
  const some = await who.post('/fhir/ValueSet/$validate-code', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'url', valueUri: 'http://hl7.org/fhir/ValueSet/observation-codes' },
      { name: 'codeableConcept', valueCodeableConcept: concept },
    ],
  });
  assert.equal(some.status, 422, some.text);
  const loinc = { system: 'http://loinc.org', code: '8480-6' };
  const url = 'http://hl7.org/fhir/ValueSet/observation-codes';
  assert.deepEqual(await refused('ValueSet/$validate-code', { url, ...loinc }), [422, 'not-found']);
  assert.deepEqual(await refused('ValueSet/$expand', { url }), [422, 'not-found']);
  assert.deepEqual(await refused('CodeSystem/$lookup', loinc), [404, 'not-found']);
  assert.deepEqual(await refused('ValueSet/$expand', { url: 'urn:nobody' }), [404, 'not-found']);
  const units = 'http://hl7.org/fhir/ValueSet/mimetypes';
  assert.deepEqual(await refused('ValueSet/$expand', { url: units }), [422, 'too-costly']);
});

test('a code is validated in a code system', async () => {
  const asked = { url: gender, code: 'male' };
  assert.deepEqual(await told('CodeSystem/$validate-code', asked), {
    result: true,
    display: 'Male',
  });
  assert.equal((await told('CodeSystem/$validate-code', { ...asked, code: 'x' }))['result'], false);
  const coding = { name: 'coding', valueCoding: { system: 'urn:other', code: 'male' } };
  const other = await told('CodeSystem/$validate-code', [
    { name: 'url', valueUri: gender },
    coding,
  ]);
  assert.equal(other['result'], false);
  const unknown = { ...asked, url: 'urn:nobody' };
  assert.deepEqual(await refused('CodeSystem/$validate-code', unknown), [404, 'not-found']);
});

const mood = 'http://terminology.hl7.org/CodeSystem/v3-ActMood';

test('what is known of a code is looked up', async () => {
  const found = await told('CodeSystem/$lookup', { system: mood, code: 'RQO' });
  assert.equal(found['name'], 'v3 Code System ActMood');
  assert.equal(found['version'], '2018-08-12');
  assert.equal(found['display'], 'request');
  const properties = await propertiesOf({ system: mood, code: 'RQO' });
  assert.ok(properties.some((one) => JSON.stringify(one).includes('"parent"')));
  const v3 = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';
  const only = await propertiesOf({ system: v3, code: 'NP', property: 'status' });
  assert.deepEqual(only, [{ code: 'status', value: 'retired' }]);
  assert.deepEqual(await refused('CodeSystem/$lookup', { system: mood, code: 'no' }), [
    404,
    'not-found',
  ]);
  assert.deepEqual(await refused('CodeSystem/$lookup', { code: 'RQO' }), [400, 'required']);
});

async function propertiesOf(asked: Record<string, string>): Promise<unknown[]> {
  const answer = await who.get(query('CodeSystem/$lookup', asked));
  const { parameter } = JSON.parse(answer.text) as { parameter: Part[] };
  return parameter.filter(({ name }) => name === 'property').map(content);
}

test('subsumption goes both ways', async () => {
  const asked = (codeA: string, codeB: string) =>
    told('CodeSystem/$subsumes', { system: mood, codeA, codeB });
  assert.deepEqual(await asked('RQO', 'RQO'), { outcome: 'equivalent' });
  assert.deepEqual(await asked('INT', 'RQO'), { outcome: 'subsumes' });
  assert.deepEqual(await asked('RQO', 'INT'), { outcome: 'subsumed-by' });
  assert.deepEqual(await asked('RQO', 'EVN'), { outcome: 'not-subsumed' });
  const unknown = { system: mood, codeA: 'RQO', codeB: 'nope' };
  assert.deepEqual(await refused('CodeSystem/$subsumes', unknown), [422, 'code-invalid']);
});

test('a code is translated, and where there is no match it is said', async () => {
  const url = 'http://hl7.org/fhir/ConceptMap/cm-address-use-v3';
  const system = 'http://hl7.org/fhir/address-use';
  const found = await told('ConceptMap/$translate', { url, system, code: 'home' });
  assert.equal(found['result'], true);
  assert.deepEqual((found['match'] as Record<string, unknown>)['concept'], {
    system: 'http://terminology.hl7.org/CodeSystem/v3-AddressUse',
    code: 'H',
  });
  const none = await told('ConceptMap/$translate', { url, system, code: 'nope' });
  assert.equal(none['result'], false);
  assert.equal(typeof none['message'], 'string');
  const back = {
    url,
    code: 'H',
    reverse: 'true',
    system: 'http://terminology.hl7.org/CodeSystem/v3-AddressUse',
  };
  assert.equal((await told('ConceptMap/$translate', back))['result'], true);
  const unknown = { url: 'urn:no', system, code: 'home' };
  assert.deepEqual(await refused('ConceptMap/$translate', unknown), [404, 'not-found']);
});

test('a value set is expanded, whole or in pages of a known total', async () => {
  const whole = await expanded({ url: genders });
  assert.deepEqual(codes(whole), ['male', 'female', 'other', 'unknown']);
  assert.equal(whole.expansion.total, 4);
  assert.match(whole.expansion.identifier, /^urn:uuid:/);
  assert.equal(whole.compose, undefined);
  const page = await expanded({ url: genders, offset: '1', count: '2', includeDefinition: 'true' });
  assert.deepEqual(codes(page), ['female', 'other']);
  assert.deepEqual([page.expansion.total, page.expansion.offset], [4, 1]);
  assert.ok(page.compose);
  assert.deepEqual(codes(await expanded({ url: genders, filter: 'MALE' })), ['male', 'female']);
  assert.deepEqual(codes(await expanded({ url: genders, count: '0' })), []);
  const inline = {
    resourceType: 'ValueSet',
    status: 'draft',
    compose: { include: [{ system: gender, concept: [{ code: 'other' }] }] },
  };
  for (const body of [
    inline,
    { resourceType: 'Parameters', parameter: [{ name: 'valueSet', resource: inline }] },
  ]) {
    const answer = await who.post('/fhir/ValueSet/$expand', body);
    assert.deepEqual(codes(JSON.parse(answer.text) as Expansion), ['other'], answer.text);
  }
});

test('what a call gets wrong is a coded refusal, never an answer to another question', async () => {
  const path = 'ValueSet/$expand';
  const cases: [string, Record<string, string>, number, string][] = [
    [path, {}, 400, 'required'],
    [path, { url: genders, colour: 'red' }, 400, 'invalid'],
    [path, { url: genders, count: '-1' }, 400, 'invalid'],
    [path, { url: genders, activeOnly: 'maybe' }, 400, 'invalid'],
    [path, { url: genders, date: '2020' }, 422, 'not-supported'],
    [path, { url: genders, filter: 'x'.repeat(201) }, 422, 'too-costly'],
    ['ValueSet/$validate-code', { url: genders }, 400, 'required'],
    ['ConceptMap/$translate', { code: 'home' }, 400, 'required'],
  ];
  for (const [to, values, status, code] of cases) {
    assert.deepEqual(await refused(to, values), [status, code], JSON.stringify(values));
  }
  const twice = await who.get(`/fhir/ValueSet/$expand?url=${genders}&url=${genders}`);
  assert.equal(twice.status, 400);
  for (const body of [
    '{',
    '[]',
    '{"resourceType":"Patient"}',
    '{"resourceType":"Parameters","parameter":[{"name":"url","valueDecimal":1.00}]}',
  ]) {
    const answer = await who.post('/fhir/ValueSet/$expand', body);
    assert.equal(answer.status, 400, body);
  }
});

const animals = {
  ...{ resourceType: 'CodeSystem', url: 'urn:animals', status: 'active', content: 'complete' },
  concept: [{ code: 'dog', display: 'Dog', concept: [{ code: 'poodle', display: 'Poodle' }] }],
};

test('what a tenant stores counts at once, for it alone, and is audited when read by its id', async () => {
  const stored = await admin.post('/fhir/CodeSystem', animals);
  assert.equal(stored.status, 201, stored.text);
  const dogs = await admin.post('/fhir/ValueSet', {
    ...{ resourceType: 'ValueSet', url: 'urn:dogs', status: 'active' },
    compose: {
      include: [
        { system: 'urn:animals', filter: [{ property: 'concept', op: 'is-a', value: 'dog' }] },
      ],
    },
  });
  assert.deepEqual(codes(await expanded({ url: 'urn:dogs' })), ['dog', 'poodle']);
  const before = (await records.audited(tenant))['record.read'] ?? 0;
  const id = dogs.body.id;
  assert.deepEqual(codes(await expanded({}, `ValueSet/${id}/$expand`)), ['dog', 'poodle']);
  assert.equal((await records.audited(tenant))['record.read'], before + 1);
  const poodle = { code: 'poodle' };
  const valid = await told(`CodeSystem/${stored.body.id}/$validate-code`, poodle);
  assert.equal(valid['result'], true);
  assert.deepEqual(await refused('ValueSet/nobody/$expand', {}), [404, 'not-found']);
  const other = await records.newTenant('Other Clinic');
  const stranger = await records.asker(other, 'nurse');
  const asked = { url: 'urn:dogs' };
  assert.deepEqual(await refused('ValueSet/$expand', asked, stranger), [404, 'not-found']);
  const changed = { ...animals, id: stored.body.id, concept: [{ code: 'dog' }] };
  await admin.put(`/fhir/CodeSystem/${stored.body.id}`, changed);
  assert.deepEqual(codes(await expanded({ url: 'urn:dogs' })), ['dog']);
});

test('a list is of those asked for, in the language asked for', async () => {
  const system = 'urn:colours';
  const flag = (code: string) => [{ code, valueBoolean: true }];
  const stored = await admin.post('/fhir/CodeSystem', {
    ...{ resourceType: 'CodeSystem', url: system, status: 'active', content: 'complete' },
    concept: [
      { code: 'all', display: 'Colours', property: flag('notSelectable') },
      { code: 'mauve', display: 'Mauve', property: flag('inactive') },
      {
        ...{ code: 'red', display: 'Red' },
        designation: [
          { language: 'de-CH', value: 'Rot' },
          { language: 'fr', value: 'Rouge' },
        ],
      },
    ],
  });
  assert.equal(stored.status, 201, stored.text);
  await admin.post('/fhir/ValueSet', {
    ...{ resourceType: 'ValueSet', url: 'urn:all-colours', status: 'active' },
    compose: { include: [{ system }, { system: gender, concept: [{ code: 'other' }] }] },
  });
  const url = 'urn:all-colours';
  const list = async (values: Record<string, string>) => codes(await expanded({ url, ...values }));
  assert.deepEqual(await list({}), ['all', 'mauve', 'red', 'other']);
  assert.deepEqual(await list({ activeOnly: 'true' }), ['all', 'red', 'other']);
  assert.deepEqual(await list({ excludeNotForUI: 'true' }), ['mauve', 'red', 'other']);
  assert.deepEqual(await list({ 'exclude-system': gender }), ['all', 'mauve', 'red']);
  assert.deepEqual(await list({ filter: 'rouge' }), ['red']);
  const german = await expanded({ url, filter: 'rot', displayLanguage: 'de' });
  const red = { system, code: 'red' };
  assert.deepEqual(german.expansion.contains, [{ ...red, display: 'Rot' }]);
  assert.deepEqual(german.expansion.parameter, [
    { name: 'filter', valueString: 'rot' },
    { name: 'displayLanguage', valueString: 'de' },
  ]);
  const french = await expanded({ url, filter: 'red', designation: 'urn:ietf:bcp:47|fr' });
  const designation = [{ value: 'Rouge', language: 'fr' }];
  assert.deepEqual(french.expansion.contains, [{ ...red, display: 'Red', designation }]);
  const both = await expanded({ url, filter: 'red', includeDesignations: 'true' });
  assert.equal(both.expansion.contains?.[0]?.designation?.length, 2);
  const valid = { url, system, code: 'all' };
  assert.equal((await told('ValueSet/$validate-code', valid))['result'], true);
  const concrete = await told('ValueSet/$validate-code', { ...valid, abstract: 'false' });
  assert.equal(concrete['result'], false);
  const old = await told('ValueSet/$validate-code', { ...valid, code: 'mauve' });
  assert.deepEqual([old['result'], typeof old['message']], [true, 'string']);
});

test('who may read no definitions may not ask about them, and that is audited', async () => {
  const before = (await records.audited(tenant))['access.denied'] ?? 0;
  const email = 'nobody@terms.test';
  const password = 'correct horse battery staple';
  await records.app.identity.createAccount(tenant, { email, password, roles: [] });
  const login = await records.ask(undefined, 'POST', '/api/v1/auth/login', {
    body: { email, password },
    headers: { 'content-type': 'application/json' },
  });
  const { access_token: token } = JSON.parse(login.text) as { access_token: string };
  const answer = await records.ask(token, 'GET', query('ValueSet/$expand', { url: genders }));
  assert.deepEqual([answer.status, answer.body.issue[0]?.code], [403, 'forbidden']);
  assert.equal((await records.audited(tenant))['access.denied'], before + 1);
  assert.equal((await records.ask(undefined, 'GET', '/fhir/ValueSet/$expand')).status, 401);
});
