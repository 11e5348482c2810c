import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asker, idsOf, type TestRecords, testRecords } from '../records.ts';
import { holds, store } from './query-case.ts';

let r: TestRecords;
let admin: Asker;
const who = () => admin;

const coded = (system: string | undefined, code: string, text?: string) => ({
  coding: [{ ...(system && { system }), code }],
  ...(text && { text }),
});
const observation = (id: string, more: object) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: coded('http://loinc.org', '1') },
  ...more,
});
const ref = (reference: string) => ({ reference });

const resources = [
  observation('bounds', {
    effectiveTiming: {
      repeat: {
        boundsPeriod: { start: '2019-05-01', end: '2019-05-31' },
        frequency: 1,
        period: 1,
        periodUnit: 'd',
      },
    },
  }),
  observation('nosys', { code: coded(undefined, 'plain') }),
  observation('sys', { code: coded('http://x.example.org', 'plain') }),
  observation('two', {
    code: {
      coding: [
        { system: 'http://x.example.org', code: 'a' },
        { system: 'http://y.example.org', code: 'b' },
      ],
    },
  }),
  observation('vstr', { valueString: 'The quick brown fox, or $5|6\\7' }),
  observation('vcc', { valueCodeableConcept: coded('http://v.example.org', 'v1') }),
  observation('vdate', { valueDateTime: '2018-01-02T03:04:05Z' }),
  observation('vper', { valuePeriod: { start: '2018-02-01', end: '2018-02-10' } }),
  observation('comp', {
    component: [
      {
        code: coded('http://c.example.org', 'c1'),
        valueCodeableConcept: coded('http://c.example.org', 'cv1'),
      },
      { code: coded('http://c.example.org', 'c2'), valueQuantity: { value: 7.25 } },
    ],
  }),
  observation('absent', {
    dataAbsentReason: coded('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'unknown'),
  }),
  { resourceType: 'Patient', id: 'pat', name: [{ family: 'Quince' }], birthDate: '2000-02-29' },
  {
    resourceType: 'Schedule',
    id: 'sched',
    actor: [ref('Patient/pat')],
    planningHorizon: { start: '2021-01-01T00:00:00Z', end: '2021-12-31T00:00:00Z' },
  },
  {
    resourceType: 'Slot',
    id: 'slot',
    schedule: ref('Schedule/sched'),
    status: 'free',
    start: '2021-03-01T09:00:00Z',
    end: '2021-03-01T09:30:00Z',
  },
  {
    resourceType: 'Appointment',
    id: 'app',
    status: 'booked',
    start: '2021-03-01T09:00:00Z',
    end: '2021-03-01T09:30:00Z',
    slot: [ref('Slot/slot')],
    participant: [{ actor: ref('Patient/pat'), status: 'accepted' }],
  },
  {
    resourceType: 'Task',
    id: 'task',
    status: 'requested',
    intent: 'order',
    businessStatus: { text: 'waiting' },
    focus: ref('Appointment/app'),
    for: ref('Patient/pat'),
    executionPeriod: { start: '2021-03-02' },
  },
  {
    resourceType: 'Bundle',
    id: 'doc',
    type: 'document',
    timestamp: '2021-01-01T00:00:00Z',
    identifier: { system: 'http://d.example.org', value: '1' },
    entry: [
      {
        fullUrl: 'http://example.org/fhir/Composition/in',
        resource: {
          resourceType: 'Composition',
          id: 'in',
          status: 'final',
          type: coded('http://loinc.org', '2'),
          date: '2021',
          author: [{ display: 'me' }],
          title: 'In',
        },
      },
    ],
  },
  {
    resourceType: 'Questionnaire',
    id: 'q',
    url: 'http://example.org/q',
    version: '1',
    status: 'active',
    title: 'Phq',
  },
  {
    resourceType: 'QuestionnaireResponse',
    id: 'qr',
    status: 'completed',
    questionnaire: 'http://example.org/q|1',
    subject: ref('Patient/pat'),
  },
  {
    resourceType: 'MolecularSequence',
    id: 'seq',
    coordinateSystem: 0,
    type: 'dna',
    referenceSeq: {
      windowStart: 10,
      windowEnd: 20,
      chromosome: coded('http://terminology.hl7.org/CodeSystem/chromosome-human', '1'),
    },
  },
  {
    resourceType: 'ChargeItem',
    id: 'charge',
    status: 'billable',
    code: { text: 'x' },
    subject: ref('Patient/pat'),
    priceOverride: { value: 12.5, currency: 'EUR' },
    factorOverride: 0.8,
  },
  {
    resourceType: 'Immunization',
    id: 'imm',
    status: 'completed',
    vaccineCode: { text: 'x' },
    patient: ref('Patient/pat'),
    occurrenceString: 'last year',
    lotNumber: 'LOT-9',
    reaction: [{ date: '2021-04-01' }],
  },
];

before(async () => {
  r = await testRecords();
  admin = await r.asker(await r.newTenant('Lakeside Clinic'), 'admin');
  await store(admin, resources);
});
after(() => r.close());

holds('dates of Timing, Period, instant and those of composites', who, [
  ['Observation?date=2019-05-10', ''],
  ['Observation?date=2019-05', 'bounds'],
  ['Observation?date=ge2019-05-31&date=le2019-05-31', 'bounds'],
  ['Observation?value-date=2018-01-02', 'vdate'],
  ['Observation?value-date=2018-02', 'vper'],
  ['Observation?value-date=gt2018-02-05', 'vper'],
  ['Slot?start=2021-03-01T09:00:00Z', 'slot'],
  ['Slot?start=2021-03-01T10:00:00%2B01:00', 'slot'],
  ['Slot?start=ge2021-03-01T09:00:00Z&start=lt2021-03-01T09:30:00Z', 'slot'],
  ['Schedule?date=2021-06-01', ''],
  ['Schedule?date=ge2021-06-01&date=le2021-06-02', 'sched'],
  ['Appointment?date=2021-03-01', 'app'],
  ['Task?period=ge2021-03-03', 'task'],
  ['Immunization?reaction-date=2021-04', 'imm'],
  ['Immunization?date:missing=true', 'imm'],
  ['Patient?birthdate=2000-02-29', 'pat'],
  ['Patient?birthdate=2000-02-28,2000-02-29', 'pat'],
  ['Observation?date=2019-05-10T10', 400],
  ['Observation?date=gt', 400],
  ['Observation?date=GE2019', 400],
  ['Observation?date=2019-5-1', 400],
]);
holds('tokens with and without a system', who, [
  ['Observation?code=plain', 'nosys sys'],
  ['Observation?code=|plain', 'nosys'],
  ['Observation?code=http://x.example.org|plain', 'sys'],
  ['Observation?code=http://x.example.org|', 'sys two'],
  ['Observation?code=a&code=b', 'two'],
  ['Observation?code=http://x.example.org|b', ''],
  ['Observation?code:not=1', 'nosys sys two'],
  ['Observation?code=1&code:not=plain&value-string:missing=false', 'vstr'],
  ['Observation?data-absent-reason=unknown', 'absent'],
  ['Observation?value-concept=v1', 'vcc'],
  ['Observation?component-code=c1', 'comp'],
  ['Observation?combo-code=c2', 'comp'],
  ['Observation?combo-code=plain,c1', 'nosys sys comp'],
  ['Observation?component-value-concept=cv1', 'comp'],
  ['Observation?combo-value-concept=cv1,v1', 'comp vcc'],
  ['Observation?component-value-quantity=7.25', 'comp'],
  ['Observation?combo-value-quantity=7.25', 'comp'],
  ['Observation?combo-value-quantity=7.0', ''],
  ['Observation?component-code-value-concept=c1$cv1', 'comp'],
  ['Observation?component-code-value-concept=c2$cv1', ''],
  ['Observation?status=final&code=plain', 'nosys sys'],
  ['Observation?status=FINAL', ''],
  ['Task?business-status:text=wait', 'task'],
]);
holds('what is escaped is meant literally (search.html#escaping)', who, [
  ['Observation?value-string=the%20quick', 'vstr'],
  ['Observation?value-string:contains=brown', 'vstr'],
  ['Observation?value-string:contains=fox%5C,%20or', 'vstr'],
  ['Observation?value-string:contains=nothing,brown', 'vstr'],
  ['Observation?value-string:exact=The%20quick%20brown%20fox%5C,%20or%20%5C$5%5C|6%5C%5C7', 'vstr'],
  ['Observation?value-string:exact=The%20quick', ''],
  ['Observation?value-string=The+quick', 'vstr'],
]);
holds('references between all of them', who, [
  ['Slot?schedule.actor:Patient.name=quince', 'slot'],
  ['Appointment?patient=pat', 'app'],
  ['Appointment?slot.schedule.actor=Patient/pat', 'app'],
  ['Task?focus:Appointment.status=booked', 'task'],
  ['Task?patient.birthdate=2000-02-29', 'task'],
  ['Patient?_has:Appointment:patient:date=2021', 'pat'],
  ['Patient?_has:Task:patient:focus:Appointment.status=booked', 'pat'],
  ['Bundle?identifier=http://d.example.org|1', 'doc'],
  ['Bundle?type=document', 'doc'],
  ['QuestionnaireResponse?questionnaire=http://example.org/q', 'qr'],
  ['QuestionnaireResponse?questionnaire=http://example.org/q|1', 'qr'],
  ['QuestionnaireResponse?questionnaire=http://example.org/q|2', ''],
  ['QuestionnaireResponse?questionnaire:below=http://example.org/q', 'qr'],
  ['Questionnaire?url=http://example.org/q|1', 'q'],
  ['Questionnaire?url=http://example.org/q|2', ''],
  ['MolecularSequence?chromosome=1&window-start=10', 'seq'],
  ['MolecularSequence?window-end=le20', 'seq'],
  ['ChargeItem?price-override=12.5||EUR', 'charge'],
  ['ChargeItem?factor-override=0.8', 'charge'],
  ['Immunization?lot-number=lot', 'imm'],
]);

const filtered = (text: string, ids: string | 400) =>
  [`Observation?_filter=${encodeURIComponent(text)}`, ids] as const;
holds('_filter combines what parameters ask (search_filter.html)', who, [
  filtered('code eq http://x.example.org|plain', 'sys'),
  filtered('code eq plain', 'nosys sys'),
  filtered('code eq plain and code ne http://x.example.org|plain', 'nosys'),
  filtered('value-date ge 2018-02-01', 'vper'),
  filtered('value-date lt 2018-01-31 or value-string co "brown"', 'vdate vstr'),
  filtered('value-string sw "the"', 'vstr'),
  filtered('value-string ew "7"', 'vstr'),
  filtered('value-string pr true', 'vstr'),
  filtered('not (status eq final)', ''),
  filtered('(code eq a or code eq plain) and not (code eq a)', 'nosys sys'),
  filtered('combo-value-quantity gt 7', 'comp'),
  filtered('date po 2019-05-10', 'bounds'),
  filtered('status in http://hl7.org/fhir/ValueSet/observation-status and code eq a', 'two'),
  filtered('_id eq sys', 'sys'),
  filtered('_lastUpdated gt 2020-01-01 and _id eq sys', 'sys'),
  filtered('code eq', 400),
  filtered('code xx 1', 400),
  filtered('(code eq a', 400),
]);

test('many alternatives are one search', async () => {
  const codes = Array.from({ length: 300 }, (_, n) => `none${n}`).join(',');
  assert.deepEqual(
    idsOf(await admin.form('/fhir/Observation/_search', `code=${codes},plain`)).sort(),
    ['nosys', 'sys'],
  );
  assert.deepEqual(idsOf(await admin.form('/fhir/Patient/_search', `_id=${codes},pat`)), ['pat']);
});

test('the time of an update finds it, to the millisecond', async () => {
  const { meta } = (await admin.get('/fhir/Patient/pat')).body;
  const at = encodeURIComponent(meta.lastUpdated);
  for (const query of [`_lastUpdated=${at}`, `_lastUpdated=ge${at}`, `_lastUpdated=le${at}`]) {
    assert.deepEqual(idsOf(await admin.get(`/fhir/Patient?${query}`)), ['pat'], query);
  }
  assert.deepEqual(idsOf(await admin.get(`/fhir/Patient?_lastUpdated=gt${at}`)), []);
  assert.deepEqual(idsOf(await admin.get(`/fhir/Patient?_lastUpdated=lt${at}`)), []);
});

test('odd but lawful requests are answered', async () => {
  const answers: [string, number[]][] = [
    ['Patient?_sort=family&_sort=-birthdate', [200, 400]],
    ['Patient?_elements=id', [200]],
    ['Patient?_elements=name&_elements=birthDate', [200]],
    ['Patient?_summary=count&_include=Patient:organization', [200]],
    ['Patient?', [200]],
    ['Patient?&&', [200]],
    ['Patient?_count=1&_count=2', [200, 400]],
    ['Patient/_search?_id=pat', [200, 400, 404, 405]],
    ['Patient?_contained=false', [200]],
    ['Patient?_contained=true', [200, 400]],
    ['Patient?_score=1', [400]],
    ['Patient?_query=x', [400]],
    ['Patient?%', [200, 400]],
    ['Patient?name=%00', [200, 400]],
    ['Patient?name=%FF', [200, 400]],
    ['Patient?_include=Patient:organization:Organization', [200]],
    ['Patient?_type=Observation', [200, 400]],
    ['Patient?_id=x_y', [200, 400]],
    [`Patient?name=${'x'.repeat(3000)}`, [200, 400, 414]],
    ['QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire', [200, 400]],
    ['QuestionnaireResponse?questionnaire.title=phq', [200, 400]],
    [
      'Patient?_include=Patient:organization&_include=Patient:general-practitioner&_revinclude=Appointment:patient&_revinclude=*',
      [200, 400],
    ],
  ];
  for (const [query, statuses] of answers) {
    const answer = await admin.get(`/fhir/${query}`);
    assert.ok(
      statuses.includes(answer.status),
      `${query}: ${answer.status} ${answer.text.slice(0, 300)}`,
    );
  }
});
