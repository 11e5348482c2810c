import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceJson } from './json.ts';
import { checkStructure, type Issue } from './structure.ts';
import { type BrokenCase, found, observation, patient } from './structure-case.ts';

type Json = Record<string, unknown>;
const div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';
const extension = { url: 'http://x.example', valueString: 'x' };

const sound: [what: string, resource: Json][] = [
  ['an empty Patient', patient({})],
  ['a partial birth date', patient({ birthDate: '1980-02' })],
  ['a leap day', patient({ birthDate: '2000-02-29' })],
  [
    'a primitive extension instead of a required value',
    {
      ...observation({}),
      status: undefined,
      _status: { extension: [extension] },
    },
  ],
  [
    'nulls that align values and extensions',
    patient({
      name: [{ given: ['a', null], _given: [null, { extension: [extension] }] }],
    }),
  ],
  [
    'a choice and the extension of the same choice',
    observation({
      valueString: 'x',
      _valueString: { id: 'a' },
    }),
  ],
  ['a narrative', patient({ text: { status: 'generated', div: `\n ${div}\n` } })],
  [
    'a contained resource',
    patient({
      contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
      managingOrganization: { reference: '#o' },
    }),
  ],
  [
    'a nested extension',
    patient({
      extension: [{ url: 'http://x.example', extension: [{ url: 'a', valueBoolean: true }] }],
    }),
  ],
  ['a conditional reference', observation({ subject: { reference: 'Patient?identifier=a|b' } })],
  [
    'an absolute reference of another server',
    observation({
      subject: { reference: 'https://x.example/fhir/Organization/1' },
    }),
  ],
  ['an instant at the end of a leap second', observation({ issued: '2016-12-31T23:59:60.5Z' })],
  ['a time zone of 14 hours', observation({ effectiveDateTime: '2024-01-01T00:00:00+14:00' })],
  ['base64 in lines', { resourceType: 'Binary', contentType: 'a/b', data: 'AAAA\r\nBBB=' }],
];

const broken: BrokenCase[] = [
  // Resources
  ['null', null, 'structure Resource'],
  ['an array', [patient({})], 'structure Resource'],
  ['no resourceType', { id: 'a' }, 'structure Resource'],
  ['an unknown resourceType', { resourceType: 'Patients' }, 'structure Resource'],
  ['an abstract resourceType', { resourceType: 'DomainResource' }, 'structure Resource'],
  ['a data type as resourceType', { resourceType: 'HumanName' }, 'structure Resource'],
  ['a resourceType of Object.prototype', { resourceType: 'constructor' }, 'structure Resource'],
  // Elements
  ['an unknown element', patient({ nickname: 'x' }), 'structure Patient'],
  ['an unknown element inside', patient({ name: [{ famly: 'x' }] }), 'structure Patient.name[0]'],
  ['__proto__', JSON.parse('{"resourceType":"Patient","__proto__":{}}'), 'structure Patient'],
  [
    'resourceType in a data type',
    patient({ name: [{ resourceType: 'HumanName' }] }),
    'structure Patient.name[0]',
  ],
  ['a choice without its type', observation({ value: 'x' }), 'structure Observation'],
  [
    'a choice of a type it has not',
    observation({ valueCoding: { code: 'x' } }),
    'structure Observation',
  ],
  ['two of a choice', observation({ valueString: 'x', valueInteger: 1 }), 'structure Observation'],
  [
    'two of a choice, one by extension only',
    patient({
      deceasedBoolean: true,
      _deceasedDateTime: { id: 'x' },
    }),
    'structure Patient',
  ],
  [
    'a missing required element',
    { resourceType: 'Observation', code: { text: 'x' } },
    'required Observation',
  ],
  [
    'two missing required elements',
    { resourceType: 'Observation' },
    'required Observation',
    'required Observation',
  ],
  [
    'a missing required element inside',
    patient({ link: [{ other: { display: 'x' } }] }),
    'required Patient.link[0]',
  ],
  [
    'a missing required choice',
    {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject: { display: 'x' },
    },
    'required MedicationRequest',
  ],
  // Cardinality
  ['one where many are', patient({ name: { family: 'x' } }), 'structure Patient.name'],
  ['many where one is', patient({ gender: ['male'] }), 'structure Patient.gender'],
  [
    'many objects where one is',
    patient({ maritalStatus: [{ text: 'x' }] }),
    'structure Patient.maritalStatus',
  ],
  [
    'a string where many are',
    patient({ name: [{ given: 'x' }] }),
    'structure Patient.name[0].given',
  ],
  // Emptiness
  ['an empty array', patient({ name: [] }), 'structure Patient.name'],
  ['an empty object', patient({ maritalStatus: {} }), 'structure Patient.maritalStatus'],
  [
    'an empty object in an array',
    patient({ name: [{ text: 'x' }, {}] }),
    'structure Patient.name[1]',
  ],
  ['an empty string', patient({ name: [{ family: '' }] }), 'value Patient.name[0].family'],
  ['null for a primitive', patient({ gender: null }), 'structure Patient.gender'],
  ['null for an object', patient({ maritalStatus: null }), 'structure Patient.maritalStatus'],
  ['null in an array of objects', patient({ name: [null] }), 'structure Patient.name[0]'],
  [
    'null in an array without extensions',
    patient({ name: [{ given: ['x', null] }] }),
    'structure Patient.name[0].given[1]',
  ],
  // JSON types
  ['a number for a string', patient({ name: [{ family: 1 }] }), 'structure Patient.name[0].family'],
  ['a string for a boolean', patient({ active: 'true' }), 'structure Patient.active'],
  [
    'a string for a decimal',
    observation({ valueQuantity: { value: '1' } }),
    'structure Observation.value.value',
  ],
  [
    'a string for an object',
    observation({ subject: 'Patient/1' }),
    'structure Observation.subject',
  ],
  [
    'an object for a string',
    patient({ name: [{ family: { a: 1 } }] }),
    'structure Patient.name[0].family',
  ],
  [
    'a number whose text was kept for an object',
    observation({ subject: JSON.rawJSON('1.0') }),
    'structure Observation.subject',
  ],
  ['an array in an array', patient({ name: [[{ family: 'x' }]] }), 'structure Patient.name[0]'],
  // Resources in resources
  [
    'an unknown type contained',
    patient({ contained: [{ resourceType: 'X' }] }),
    'structure Patient.contained[0]',
  ],
  [
    'contained in contained',
    patient({
      contained: [{ resourceType: 'Organization', contained: [{ resourceType: 'Patient' }] }],
    }),
    'structure Patient.contained[0]',
  ],
  [
    'a fault in an entry',
    { resourceType: 'Bundle', type: 'batch', entry: [{}, { resource: patient({ x: 1 }) }] },
    'structure Bundle.entry[0]',
    'structure Bundle.entry[1].resource',
  ],
  [
    'a fault in a parameter',
    { resourceType: 'Parameters', parameter: [{ name: 'a', part: [{ valueString: 'x' }] }] },
    'required Parameters.parameter[0].part[0]',
  ],
];

for (const [what, resource] of sound) {
  test(`accepted: ${what}`, () => {
    assert.deepEqual(checkStructure(parseResourceJson(JSON.stringify(resource))), []);
  });
}

for (const [what, resource, ...issues] of broken) {
  test(`refused: ${what}`, () => assert.deepEqual(found(resource), issues));
}

test('issues tell what was expected and never the value', () => {
  const issues = checkStructure({
    ...patient({ gender: 'Secret', birthDate: 'Secret', 'Secret name': 1, name: 'Secret' }),
    managingOrganization: { reference: 'Secret' },
    contact: [{ gender: 'Secret' }],
  });
  assert.equal(issues.length, 6);
  assert.doesNotMatch(JSON.stringify(issues), /Secret/);
  const texts = issues.map((issue: Issue) => issue.text);
  assert.ok(texts.includes('birthDate: expected a date: YYYY, YYYY-MM or YYYY-MM-DD.'));
  assert.ok(
    texts.includes(
      'gender: expected a code of administrative-gender: male, female, other, unknown.',
    ),
  );
});

test('after 50 issues the check stops and says so', () => {
  const issues = checkStructure(patient({ name: Array.from({ length: 100_000 }, () => ({})) }));
  assert.equal(issues.length, 51);
  assert.equal(issues[50]?.code, 'too-costly');
  assert.equal(issues[50]?.expression, 'Patient');
});

test('the resources of a Bundle’s entries can be left to who takes the Bundle apart', () => {
  const entry = [{ resource: { resourceType: 'Patient', x: 1 } }, { fullUrl: 'a b' }];
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  const issues = checkStructure(bundle, { bundleEntries: false });
  assert.deepEqual(
    issues.map((issue) => issue.expression),
    ['Bundle.entry[1].fullUrl'],
  );
});

test('nesting without end is told, not followed', () => {
  const loop: Json = { url: 'http://x.example' };
  loop['extension'] = [loop];
  assert.deepEqual(checkStructure(patient({ extension: [loop] })).at(-1)?.code, 'too-costly');
});
