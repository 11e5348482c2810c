import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, idsOf, type Resource, type TestRecords, testRecords } from '../records.ts';
import { store } from './query-case.ts';
import { searched } from './us-core-query.ts';
import { record } from './us-core-record.ts';

let r: TestRecords;
let admin: Asker;

const url = 'http://hl7.org/fhir/us/core/SearchParameter';
const parameter = (type: string, name: string, more: object): Resource => ({
  ...{ resourceType: 'SearchParameter', id: `us-core-${type.toLowerCase()}-${name}` },
  ...{
    url: `${url}/us-core-${type.toLowerCase()}-${name}`,
    name: `USCore${type}`,
    status: 'active',
  },
  ...{ description: 'of US Core', code: name, base: [type], ...more },
});
/** The four that R4 does not define itself. */
const added = [
  parameter('CareTeam', 'role', { type: 'token', expression: 'CareTeam.participant.role' }),
  parameter('Goal', 'description', { type: 'token', expression: 'Goal.description' }),
  parameter('Encounter', 'discharge-disposition', {
    type: 'token',
    expression: 'Encounter.hospitalization.dischargeDisposition',
  }),
  parameter('Condition', 'asserted-date', {
    type: 'date',
    expression:
      "Condition.extension.where(url = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate').valueDateTime",
  }),
];

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  for (const one of added) {
    const answer = await admin.put(`/fhir/SearchParameter/${one.id}`, one);
    assert.equal(answer.status, 201, answer.text);
  }
  await store(admin, record);
});
after(() => r.close());

type Pair = readonly [name: string, value: string];
const written = (pairs: readonly Pair[]) =>
  pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
const none: Readonly<Record<string, string>> = {
  patient: 'nobody',
  status: 'entered-in-error',
  'lifecycle-status': 'entered-in-error',
  intent: 'reflex-order',
  gender: 'male',
  _lastUpdated: 'gt2999',
};

async function asks(type: string, id: string, pairs: readonly Pair[], wrong: string[]) {
  const query = written(pairs);
  for (const answer of [
    await admin.get(`/fhir/${type}?${query}`),
    await admin.form(`/fhir/${type}/_search`, query),
  ]) {
    const ids = answer.status === 200 ? idsOf(answer, 'match').join(' ') : answer.text;
    if (ids !== id) wrong.push(`${type}?${query} finds ${ids}`);
  }
}

for (const [type, parameters] of Object.entries(searched)) {
  test(`${type} is found by what US Core asks, each alone and each with another`, async () => {
    const id = record.find(({ resourceType }) => resourceType === type)?.id ?? assert.fail();
    const pairs = Object.entries(parameters).flatMap(([name, values]) =>
      values.map((value): Pair => [name, value]),
    );
    const wrong: string[] = [];
    for (const [at, pair] of pairs.entries()) {
      await asks(type, id, [pair], wrong);
      const other = pairs[(at + 3) % pairs.length] ?? pair;
      await asks(type, id, [pair, other], wrong);
      const refuted = none[pair[0]];
      if (refuted !== undefined) await asks(type, '', [[pair[0], refuted], other], wrong);
    }
    const first = Object.entries(parameters).map(([name, [value = '']]): Pair => [name, value]);
    await asks(type, id, first, wrong);
    assert.equal(wrong.join('\n'), '');
  });
}

test('Provenance comes with each that has one', async () => {
  const told = record.find(({ id }) => id === 'prov')?.['target'] as { reference: string }[];
  for (const { reference } of told) {
    const [type, id] = reference.split('/');
    const answer = await admin.get(`/fhir/${type}?_id=${id}&_revinclude=Provenance:target`);
    assert.deepEqual(
      [idsOf(answer, 'match'), idsOf(answer, 'include')],
      [[id], ['prov']],
      answer.text,
    );
  }
});

test('what US Core includes is included', async () => {
  const cases = [
    ['MedicationRequest?patient=pat&intent=order&_include=MedicationRequest:medication', 'med'],
    ['MedicationDispense?patient=pat&_include=MedicationDispense:medication', 'med'],
    ['CareTeam?patient=pat&status=active&_include=CareTeam:participant:Practitioner', 'doc'],
    ['CareTeam?patient=pat&status=active&_include=CareTeam:participant:RelatedPerson', 'rel'],
    ['CareTeam?patient=pat&status=active&_include=CareTeam:participant', 'doc rel'],
    [
      'PractitionerRole?specialty=208D00000X&_include=PractitionerRole:endpoint&_include=PractitionerRole:practitioner',
      'doc end',
    ],
  ] as const;
  for (const [query, ids] of cases) {
    const answer = await admin.get(`/fhir/${query}`);
    assert.equal(idsOf(answer, 'include').sort().join(' '), ids, query);
  }
});
