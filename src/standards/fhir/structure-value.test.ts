import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceJson } from './json.ts';
import { type BrokenCase, found, observation, patient } from './structure-case.ts';

const extension = { url: 'http://x.example', valueString: 'x' };

const broken: BrokenCase[] = [
  // Formats
  ['a date with a slash', patient({ birthDate: '1980/01/01' }), 'value Patient.birthDate'],
  ['a date with a time', patient({ birthDate: '1980-01-01T00:00:00Z' }), 'value Patient.birthDate'],
  ['the 30th of February', patient({ birthDate: '2023-02-30' }), 'value Patient.birthDate'],
  [
    'the 29th of February of no leap year',
    patient({ birthDate: '1900-02-29' }),
    'value Patient.birthDate',
  ],
  ['the 31st of April', patient({ birthDate: '2024-04-31' }), 'value Patient.birthDate'],
  ['month 13', patient({ birthDate: '1980-13' }), 'value Patient.birthDate'],
  ['year 0', patient({ birthDate: '0000' }), 'value Patient.birthDate'],
  [
    'a dateTime without zone',
    observation({ effectiveDateTime: '2024-01-01T00:00:00' }),
    'value Observation.effective',
  ],
  [
    'a dateTime without seconds',
    observation({ effectiveDateTime: '2024-01-01T00:00Z' }),
    'value Observation.effective',
  ],
  [
    'a dateTime at 24:00',
    observation({ effectiveDateTime: '2024-01-01T24:00:00Z' }),
    'value Observation.effective',
  ],
  ['an instant of a day', observation({ issued: '2024-01-01' }), 'value Observation.issued'],
  ['a time without seconds', observation({ valueTime: '10:00' }), 'value Observation.value'],
  ['an id with an underscore', patient({ id: 'a_b' }), 'value Patient.id'],
  ['an id of 65 characters', patient({ id: 'a'.repeat(65) }), 'value Patient.id'],
  ['an id with a line feed', patient({ id: 'a\n' }), 'value Patient.id'],
  ['an integer with a fraction', observation({ valueInteger: 1.5 }), 'value Observation.value'],
  [
    'an integer of 33 bits',
    observation({ valueInteger: 2_147_483_648 }),
    'value Observation.value',
  ],
  [
    'an integer written as 1.0',
    parseResourceJson(
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":1.0}',
    ),
    'value Observation.value',
  ],
  [
    'a decimal beyond doubles',
    parseResourceJson(
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999}}',
    ),
    'value Observation.value.value',
  ],
  [
    'a positiveInt of 0',
    patient({ telecom: [{ value: 'x', rank: 0 }] }),
    'value Patient.telecom[0].rank',
  ],
  [
    'a negative unsignedInt',
    { resourceType: 'Bundle', type: 'searchset', total: -1 },
    'value Bundle.total',
  ],
  [
    'a uri with a space',
    patient({ identifier: [{ system: 'http://a b' }] }),
    'value Patient.identifier[0].system',
  ],
  [
    'a code with two spaces',
    observation({ valueQuantity: { code: 'a  b' } }),
    'value Observation.value.code',
  ],
  [
    'a control character',
    patient({ name: [{ family: 'a\u0000b' }] }),
    'value Patient.name[0].family',
  ],
  ['half a character', patient({ name: [{ family: 'a\ud800' }] }), 'value Patient.name[0].family'],
  [
    'a string over 1 MB',
    patient({ name: [{ family: 'x'.repeat(1_048_577) }] }),
    'too-long Patient.name[0].family',
  ],
  [
    'base64 of the wrong length',
    { resourceType: 'Binary', contentType: 'a/b', data: 'AAA' },
    'value Binary.data',
  ],
  ['base64url', { resourceType: 'Binary', contentType: 'a/b', data: 'A-_=' }, 'value Binary.data'],
  [
    'a narrative without div',
    patient({ text: { status: 'generated', div: 'x' } }),
    'value Patient.text.div',
  ],
  [
    'a narrative of another element',
    patient({ text: { status: 'generated', div: '<divan>x</divan>' } }),
    'value Patient.text.div',
  ],
  [
    'an oid with a letter',
    patient({ extension: [{ url: 'http://x.example', valueOid: 'urn:oid:1.a' }] }),
    'value Patient.extension[0].value',
  ],
  [
    'a UUID in upper case',
    patient({
      extension: [
        { url: 'http://x.example', valueUuid: 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520' },
      ],
    }),
    'value Patient.extension[0].value',
  ],
  // Extensions of primitives
  ['an extension of what is no primitive', patient({ _name: [{ id: 'a' }] }), 'structure Patient'],
  ['an extension of an id', patient({ _id: { id: 'a' } }), 'structure Patient'],
  [
    'a primitive extension that is an array',
    patient({ _gender: [{ id: 'a' }] }),
    'structure Patient.gender',
  ],
  [
    'a primitive extension that is no array',
    patient({ name: [{ _given: { id: 'a' } }] }),
    'structure Patient.name[0].given',
  ],
  [
    'a primitive extension with a value',
    patient({ _gender: { value: 'x' } }),
    'structure Patient.gender',
  ],
  [
    'fewer extensions than values',
    patient({ name: [{ given: ['a', 'b'], _given: [{ id: 'a' }] }] }),
    'structure Patient.name[0].given',
  ],
  [
    'neither a value nor an extension',
    patient({ name: [{ given: ['a', null], _given: [{ id: 'a' }, null] }] }),
    'structure Patient.name[0].given[1]',
    'structure Patient.name[0].given[1]',
  ],
  [
    'an extension without a url',
    patient({ extension: [{ valueString: 'x' }] }),
    'required Patient.extension[0]',
  ],
  [
    'an extension with value and extensions',
    patient({ extension: [{ ...extension, extension: [extension] }] }),
    'structure Patient.extension[0]',
  ],
  [
    'an extension with neither',
    patient({ extension: [{ url: 'http://x.example' }] }),
    'structure Patient.extension[0]',
  ],
  // Codes and references
  ['a code outside of its value set', patient({ gender: 'm' }), 'code-invalid Patient.gender'],
  ['a code in the wrong case', observation({ status: 'Final' }), 'code-invalid Observation.status'],
  [
    'a code outside, in a data type',
    patient({ name: [{ use: 'pet' }] }),
    'code-invalid Patient.name[0].use',
  ],
  [
    'a repeating code outside',
    {
      ...patient({}),
      contained: [
        {
          resourceType: 'Slot',
          schedule: { display: 'x' },
          status: 'x',
          start: '2024-01-01T00:00:00Z',
          end: '2024-01-01T00:00:00Z',
        },
      ],
    },
    'code-invalid Patient.contained[0].status',
  ],
  [
    'a reference to the wrong type',
    patient({ generalPractitioner: [{ reference: 'Patient/1' }] }),
    'structure Patient.generalPractitioner[0]',
  ],
  [
    'a conditional reference to the wrong type',
    patient({ managingOrganization: { reference: 'Patient?a=b' } }),
    'structure Patient.managingOrganization',
  ],
  [
    'a reference to no type',
    observation({ subject: { reference: '1' } }),
    'value Observation.subject',
  ],
  [
    'a reference to an unknown type',
    observation({ subject: { reference: 'Patients/1' } }),
    'value Observation.subject',
  ],
];

for (const [what, resource, ...issues] of broken) {
  test(`refused: ${what}`, () => assert.deepEqual(found(resource), issues));
}

test('megabytes of words and of arcs are checked as few are, the stack is not what bounds them', () => {
  const many = 5_000_000;
  const code = (text: string) => observation({ extension: [{ url: 'x', valueCode: text }] });
  const oid = (text: string) => found(patient({ extension: [{ url: 'x', valueOid: text }] }));
  const tooLong = ['too-long Patient.extension[0].value'];
  const place = ['value Patient.extension[0].value'];
  assert.deepEqual(found(code('a '.repeat(many))), ['too-long Observation.extension[0].value']);
  assert.deepEqual(found(code(`${'a '.repeat(many)}a`)), []);
  assert.deepEqual(oid(`urn:oid:1${'.1'.repeat(many)}`), []);
  for (const end of ['.', '.01', '..1']) {
    assert.deepEqual(oid(`urn:oid:1${'.10'.repeat(many)}${end}`), tooLong, end);
    assert.deepEqual(oid(`urn:oid:1.10${end}`), place, end);
  }
  assert.deepEqual(oid('urn:oid:1'), place);
  assert.deepEqual(oid('urn:oid:3.1'), place);
  assert.deepEqual(oid('urn:oid:2.0.10'), []);
});
