import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceJson } from '../json.ts';
import type { JsonObject } from '../json-object.ts';
import { openValidator } from './validate.ts';
import {
  definitionsOf,
  errors,
  narrative,
  observation,
  patient,
  warnings,
} from './validate-case.ts';

const beside = { url: 'http://x.example/e', valueString: 'a' };

type Broken = [what: string, resource: unknown, ...issues: string[]];

function told(cases: readonly Broken[]): void {
  for (const [what, resource, ...issues] of cases) assert.deepEqual(errors(resource), issues, what);
}

test('a sound resource has nothing to be told of it', () => {
  const sound = patient({
    id: 'p1',
    identifier: [{ system: 'urn:oid:1.2.3', value: '1' }],
    active: true,
    name: [{ family: 'Kim', given: ['A', null], _given: [null, { extension: [beside] }] }],
    gender: 'female',
    birthDate: '1984-02-29',
    _birthDate: { id: 'c' },
    deceasedBoolean: false,
    maritalStatus: { text: 'm' },
    generalPractitioner: [{ reference: 'Practitioner/1' }],
  });
  assert.deepEqual(errors(sound), []);
  assert.deepEqual(warnings(sound), []);
});

test('what is no resource is told at the top', () => {
  told([
    ['null', null, 'structure Resource'],
    ['an array', [], 'structure Resource'],
    ['no type', { id: 'a' }, 'structure Resource'],
    ['an unknown type', { resourceType: 'Patiant' }, 'structure Resource'],
    ['an abstract type', { resourceType: 'DomainResource' }, 'structure Resource'],
  ]);
});

test('unknown elements, wrong JSON types and wrong cardinality are told where they stand', () => {
  told([
    ['unknown', patient({ nmae: [] }), 'structure Patient'],
    ['unknown below', patient({ name: [{ famly: 'x' }] }), 'structure Patient.name[0]'],
    ['no array', patient({ name: { text: 'x' } }), 'structure Patient.name'],
    ['an array', patient({ gender: ['male'] }), 'structure Patient.gender'],
    ['an empty array', patient({ name: [] }), 'structure Patient.name'],
    ['an empty object', patient({ name: [{}] }), 'invariant Patient.name[0]'],
    ['only an id', patient({ name: [{ id: 'a' }] }), 'invariant Patient.name[0]'],
    ['null', patient({ name: [null] }), 'structure Patient.name[0]'],
    ['missing', observation({ code: undefined, status: 'final' }), 'structure Observation.code'],
    ['missing too', { resourceType: 'Observation', text: narrative }, ...missing],
    [
      'two of a choice',
      observation({ valueString: 'a', valueInteger: 1 }),
      'structure Observation',
    ],
    ['text for a number', observation({ valueInteger: '1' }), 'structure Observation.value'],
  ]);
});

const missing = ['required Observation', 'required Observation'];

test('formats of primitives are told with the element', () => {
  told([
    ['a date', patient({ birthDate: '1984-02-30' }), 'value Patient.birthDate'],
    ['an id', patient({ id: 'a_b' }), 'value Patient.id'],
    ['a code', observation({ status: 'final ' }), 'value Observation.status'],
    ['an instant', observation({ issued: '2024-01-01T00:00:00' }), 'value Observation.issued'],
    ['a uri', patient({ implicitRules: 'http://a b' }), 'value Patient.implicitRules'],
    ['a UUID', patient({ implicitRules: 'urn:uuid:A' }), 'value Patient.implicitRules'],
    ['an OID', patient({ implicitRules: 'urn:oid:9.1' }), 'value Patient.implicitRules'],
    ['control', patient({ name: [{ text: 'a\u0001' }] }), 'value Patient.name[0].text'],
    ['item', patient({ name: [{ given: ['a', ''] }] }), 'value Patient.name[0].given[1]'],
    ['a null alone', patient({ name: [{ given: [null] }] }), 'structure Patient.name[0].given[0]'],
    [
      'siblings of another length',
      patient({ name: [{ given: ['a'], _given: [null, { extension: [beside] }] }] }),
      'structure Patient.name[0].given',
    ],
    ['an empty sibling', patient({ _gender: {} }), 'invariant Patient.gender'],
    ['an id of nothing', patient({ _gender: { id: 'a' } }), 'invariant Patient.gender'],
  ]);
});

test('decimals that keep their text are numbers, and no objects', () => {
  const read = (text: string) => parseResourceJson(text);
  const start = '{"resourceType":"Observation","status":"final","code":{"text":"x"},';
  assert.deepEqual(errors(read(`${start}"valueQuantity":{"value":1.00}}`)), []);
  assert.deepEqual(errors(read(`${start}"valueQuantity":1.00}`)), ['structure Observation.value']);
});

test('codes are held to required bindings, and extensible ones are a warning', () => {
  told([
    ['a code', patient({ gender: 'man' }), 'code-invalid Patient.gender'],
    ['known', patient({ gender: 'male' })],
    ['known after another', patient({ gender: 'woman' }), 'code-invalid Patient.gender'],
    [
      'a concept',
      {
        resourceType: 'Condition',
        text: narrative,
        subject: { reference: 'Patient/1' },
        clinicalStatus: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
              code: 'actve',
            },
          ],
        },
      },
      'code-invalid Condition.clinicalStatus',
    ],
    ['a system', observation({ code: { coding: [{ system: 'loinc' }] } }), systemFault],
  ]);
  const reason = { coding: [{ system: 'http://x.example', code: 'x' }] };
  assert.deepEqual(warnings(observation({ dataAbsentReason: reason })), [
    'code-invalid Observation.dataAbsentReason',
  ]);
});

const systemFault = 'value Observation.code.coding[0]';

test('invariants hold, native ones and those in FHIRPath', () => {
  const range = { low: { value: 1 } };
  told([
    ['ext-1', patient({ extension: [{ url: 'http://a' }] }), 'invariant Patient.extension[0]'],
    ['pat-1', patient({ contact: [{ gender: 'male' }] }), 'invariant Patient.contact[0]'],
    ['per-1', patient({ name: [{ text: 'a', period }] }), 'invariant Patient.name[0].period'],
    ['cpt-2', patient({ telecom: [{ value: '1' }] }), 'invariant Patient.telecom[0]'],
    ['att-1', patient({ photo: [{ data: 'AAAA' }] }), 'invariant Patient.photo[0]'],
    ['obs-3', observation({ referenceRange: [{ age: range }] }), obs3],
    ['obs-6', observation({ valueString: 'a', dataAbsentReason: { text: 'b' } }), obs6],
    [
      'qty-3',
      observation({ valueQuantity: { value: 1, code: 'g' } }),
      'invariant Observation.value',
    ],
    [
      'sqty-1',
      observation({ referenceRange: [{ low: { value: 1, comparator: '<' } }] }),
      'invariant Observation.referenceRange[0].low',
    ],
    [
      'obs-7',
      observation({ code: coded, valueInteger: 1, component: [{ code: coded, valueInteger: 1 }] }),
      'invariant Observation',
    ],
    ['tim-1 in FHIRPath', timed({ duration: -1, durationUnit: 'h' }), timing],
    [
      'org-1',
      { resourceType: 'Organization', text: narrative, active: true },
      'invariant Organization',
    ],
    ['ras-2', risk(101), 'invariant RiskAssessment.prediction[0]'],
    ['ras-2 holds', risk(100)],
  ]);
});

const period = { start: '2024-02', end: '2024-01-31' };
const obs3 = 'invariant Observation.referenceRange[0]';
const obs6 = 'invariant Observation';
const coded = { coding: [{ system: 'http://loinc.org', code: '8480-6' }] };
const timing = 'invariant Observation.effective.repeat';
const timed = (repeat: JsonObject) => observation({ effectiveTiming: { repeat } });
const risk = (probabilityDecimal: number) => ({
  resourceType: 'RiskAssessment',
  text: narrative,
  status: 'final',
  subject: { reference: 'Patient/1' },
  prediction: [{ outcome: { text: 'x' }, probabilityDecimal }],
});

test('references are held to their form and to the types they may point to', () => {
  const subject = (reference: string) => observation({ subject: { reference } });
  const place = 'Observation.subject';
  told([
    ['relative', subject('Patient/1')],
    ['a version', subject('Patient/1/_history/2')],
    ['absolute', subject('https://x.example/fhir/Patient/1')],
    ['a search', subject('Patient?identifier=http://a|1')],
    ['another type', subject('Practitioner/1'), `structure ${place}`],
    ['another type elsewhere', subject('https://x.example/Practitioner/1'), `structure ${place}`],
    ['nothing', subject('who knows'), `value ${place}`],
    ['nowhere', subject('#a'), `invariant ${place}`],
    [
      'another type stated',
      observation({ subject: { reference: 'Patient/1', type: 'Group' } }),
      `structure ${place}`,
    ],
  ]);
});

test('sizes of attachments and ids of elements are looked at', () => {
  const photo = (size: number) => patient({ photo: [{ contentType: 'a/b', data: 'QUJD', size }] });
  told([
    ['the size', photo(3)],
    ['another', photo(4), 'structure Patient.photo[0]'],
    [
      'the same id twice',
      patient({ name: [{ id: 'a', text: 'x' }], telecom: [{ id: 'a', use: 'home' }] }),
      'business-rule Patient.telecom[0]',
    ],
  ]);
});

test('no text quotes what the record holds', () => {
  const secret = 'Zyxwvut';
  const resource = patient({
    gender: secret,
    birthDate: secret,
    [`${secret} 1`]: 1,
    name: [{ family: [secret] }],
    extension: [{ url: secret, valueString: 'a' }],
    link: [{ other: { reference: `${secret} ${secret}` }, type: secret }],
  });
  const issues = errors(resource);
  assert.ok(issues.length >= 6);
  assert.ok(!issues.some((one) => one.includes(secret)));
});

test('best practice is a warning', () => {
  assert.deepEqual(warnings({ resourceType: 'Patient', active: true }), ['invariant Patient']);
});

test('of many errors the first 200 are told, and that there are more', () => {
  const issues = errors(patient({ name: Array.from({ length: 300 }, () => ({ use: 'x' })) }));
  assert.equal(issues.length, 200);
  assert.equal(issues.at(-1), 'too-costly Patient');
});

test('a check that throws leaves nothing of its Bundle to the next', () => {
  const definitions = definitionsOf([]);
  const throwing = openValidator({
    definitions,
    codeSets: {
      codeSet() {
        throw new Error('no code sets');
      },
    },
  });
  const url = 'urn:uuid:00000000-0000-4000-8000-000000000001';
  const concept = { coding: [{ system: 'http://a', code: 'b' }] };
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: url, resource: { resourceType: 'Practitioner' } },
      { resource: observation({ dataAbsentReason: concept }) },
    ],
  };
  assert.throws(() => throwing.validate(bundle), /no code sets/);
  assert.deepEqual(errors(observation({ subject: { reference: url } })), []);
});
