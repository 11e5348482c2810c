import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extractIndex } from './extract.ts';
import type { IndexValue } from './index-value.ts';
import { presence, presentMask, searchableTypes, searchParameters } from './parameter.ts';

const of = (resource: { resourceType: string; [element: string]: unknown }, param: string) =>
  extractIndex(resource)
    .filter((value) => value.param === param)
    .map(({ param: _param, ...value }: IndexValue) => value);
const observation = (elements: object) => ({ resourceType: 'Observation', ...elements });
const token = (system: string, code: string) => ({ kind: 'token', system, code });

test('tokens come from codes, codings, identifiers, contact points and booleans', () => {
  const patient = {
    resourceType: 'Patient',
    active: true,
    gender: 'female',
    identifier: [
      { system: 'urn:mrn', value: '7', type: { coding: [{ system: 'urn:t', code: 'MR' }] } },
      { value: 'bare' },
    ],
    telecom: [
      { system: 'phone', value: '555' },
      { system: 'email', value: 'A@x' },
      { system: 'fax', value: '556' },
      { value: '557' },
    ],
    communication: [
      { language: { coding: [{ code: 'de' }, { system: 's', code: 'en' }], text: 'x' } },
    ],
  };
  assert.deepEqual(of(patient, 'active'), [token('', 'true')]);
  assert.deepEqual(of(patient, 'gender'), [token('', 'female')]);
  assert.deepEqual(of(patient, 'identifier'), [token('urn:mrn', '7'), token('', 'bare')]);
  assert.deepEqual(of(patient, 'identifier:of-type'), [token('urn:t|MR', '7')]);
  assert.deepEqual(of(patient, 'language'), [token('', 'de'), token('s', 'en')]);
  assert.deepEqual(of(patient, 'phone'), [token('', '555')]);
  assert.deepEqual(of(patient, 'email'), [token('', 'A@x')]);
  assert.deepEqual(of(patient, 'telecom'), [token('', '556'), token('', '557')]);
});

test('every patient is deceased or is not', () => {
  const deceased = (more: object) => of({ resourceType: 'Patient', ...more }, 'deceased');
  assert.deepEqual(deceased({}), [token('', 'false')]);
  assert.deepEqual(deceased({ deceasedBoolean: false }), [token('', 'false')]);
  assert.deepEqual(deceased({ deceasedBoolean: true }), [token('', 'true')]);
  assert.deepEqual(deceased({ deceasedDateTime: '2020' }), [token('', 'true')]);
});

test('a name is indexed once: its family and given parts also answer `name`', () => {
  const patient = {
    resourceType: 'Patient',
    name: [{ family: 'van der Berg', given: ['Ada', 'Bea'], prefix: ['Dr.'], text: 'Ada' }],
    birthDate: '1970-05',
  };
  const part = (value: string) => ({ kind: 'string', value, words: true });
  assert.deepEqual(of(patient, 'family'), [part('van der Berg')]);
  assert.deepEqual(of(patient, 'given'), [part('Ada'), part('Bea')]);
  assert.deepEqual(of(patient, 'name'), [part('Dr.'), part('Ada')]);
  assert.deepEqual(of(patient, 'birthdate'), [{ kind: 'birth-date', value: '1970-05' }]);
  assert.deepEqual(searchParameters('Patient').get('name')?.covers, ['family', 'given', 'name']);
});

test('references are relative, absolute or logical, and contained ones are left out', () => {
  const reference = (subject: object, own?: string) =>
    extractIndex(observation({ subject }), own).filter((one) => one.param.startsWith('subject'));
  const relative = { kind: 'reference', param: 'subject', type: 'Patient', id: '1' };
  assert.deepEqual(reference({ reference: 'Patient/1' }), [relative]);
  assert.deepEqual(reference({ reference: 'Patient/1/_history/2' }), [relative]);
  assert.deepEqual(reference({ reference: 'https://us/fhir/Patient/1' }, 'https://us/fhir'), [
    relative,
  ]);
  const url = 'https://them/fhir/Patient/1';
  const elsewhere = { kind: 'reference', param: 'subject', type: '', id: '', url };
  assert.deepEqual(reference({ reference: url }, 'https://us/fhir'), [elsewhere]);
  assert.deepEqual(reference({ reference: '#p' }), []);
  assert.deepEqual(reference({ identifier: { system: 's', value: 'v' } }), [
    { kind: 'token', param: 'subject:identifier', system: 's', code: 'v' },
  ]);
});

test('an identifier of a reference is looked up by its value', () => {
  const serviceProvider = { type: 'Organization', identifier: { value: '9' } };
  const encounter = { resourceType: 'Encounter', serviceProvider };
  const values = extractIndex(encounter);
  assert.deepEqual(
    values.map((one) => one.param),
    ['service-provider:identifier'],
  );
});

test('canonical URLs are found with their version and without', () => {
  const resource = {
    resourceType: 'Observation',
    meta: { profile: ['http://x/P|2'], tag: [{ code: 't' }], source: 'urn:s' },
  };
  const uris = ['http://x/P|2', 'http://x/P'].map((value) => ({ kind: 'uri', value }));
  assert.deepEqual(of(resource, '_profile'), uris);
  assert.deepEqual(of(resource, '_source'), [{ kind: 'uri', value: 'urn:s' }]);
  const measure = { resourceType: 'MeasureReport', measure: 'http://x/M|1' };
  const key = (url: string) => ({ kind: 'reference', type: '', id: '', url });
  assert.deepEqual(of(measure, 'measure'), [key('http://x/M|1'), key('http://x/M')]);
});

test('periods may be open and a timing is its outer limits', () => {
  const date = (more: object) => of({ resourceType: 'Observation', ...more }, 'date');
  const at = (low: string, high: string) => [
    {
      kind: 'date',
      low: low ? Date.parse(low) : -Infinity,
      high: high ? Date.parse(high) : Infinity,
    },
  ];
  const start = '2013-01-21T00:00:00.000Z';
  assert.deepEqual(date({ effectivePeriod: { start: '2013-01-21' } }), at(start, ''));
  assert.deepEqual(date({ effectivePeriod: {} }), []);
  assert.deepEqual(
    date({ effectiveTiming: { event: ['2013-01-22', '2013-01-21'] } }),
    at(start, '2013-01-22T23:59:59.999Z'),
  );
  assert.deepEqual(
    date({ effectiveTiming: { repeat: { boundsPeriod: { end: '2013' } } } }),
    at('', '2013-12-31T23:59:59.999Z'),
  );
  assert.deepEqual(date({ effectiveDateTime: 'tomorrow' }), []);
});

test('quantities keep their unit, ranges their ends, comparators their open side', () => {
  const value = (valueQuantity: object) =>
    of({ resourceType: 'Observation', valueQuantity }, 'value-quantity');
  const unit = { system: 'http://unitsofmeasure.org', code: 'g', unit: 'g' };
  const range = (value: number, low: number, high: number, of: object) => [
    {
      kind: 'quantity',
      value,
      low,
      high,
      ...of,
      ...('unit' in of && of.unit === 'g' ? inKg(value, low, high) : {}),
    },
  ];
  const inKg = (value: number, low: number, high: number) => ({
    canonical: { value: value / 1000, low: low / 1000, high: high / 1000, unit: 'kg' },
  });
  assert.deepEqual(value({ value: 5.4, ...unit }), range(5.4, 5.4, 5.4, unit));
  assert.deepEqual(value({ value: { rawJSON: '5.40' }, ...unit }), range(5.4, 5.4, 5.4, unit));
  assert.deepEqual(value({ value: 5, comparator: '<', ...unit }), range(5, -Infinity, 5, unit));
  assert.deepEqual(value({ value: 5, comparator: '>=', ...unit }), range(5, 5, Infinity, unit));
  assert.deepEqual(value({ unit: 'g' }), []);
  const useContext = [{ code: { code: 'age' }, valueRange: { low: { value: 2, ...unit } } }];
  const questionnaire = { resourceType: 'Questionnaire', useContext };
  assert.deepEqual(of(questionnaire, 'context-quantity'), range(2, 2, Infinity, unit));
  const invoice = { resourceType: 'Invoice', totalGross: { value: 9, currency: 'EUR' } };
  const euro = { system: 'urn:iso:std:iso:4217', code: 'EUR', unit: '' };
  assert.deepEqual(of(invoice, 'totalgross'), range(9, 9, 9, euro));
});

test('a composite over a repeating element keeps together what stood together', () => {
  const component = [
    { code: { coding: [{ code: 'sys' }, { code: 'sys2' }] }, valueQuantity: { value: 120 } },
    { code: { coding: [{ code: 'dia' }] }, valueQuantity: { value: 80 } },
    { code: { coding: [{ code: 'none' }] } },
  ];
  const found = extractIndex(observation({ component })).flatMap((one) =>
    one.kind === 'composite' ? [one] : [],
  );
  const pairs = found.map(({ param, parts: [code, value] }) => [
    param,
    code?.kind === 'token' && code.code,
    value?.kind === 'quantity' && value.value,
  ]);
  const name = 'component-code-value-quantity';
  assert.deepEqual(pairs, [
    [name, 'sys', 120],
    [name, 'sys2', 120],
    [name, 'dia', 80],
  ]);
});

test('parameters that others answer write no rows', () => {
  const code = { coding: [{ code: 'x' }] };
  const values = extractIndex(observation({ code, subject: { reference: 'Patient/1' } }));
  assert.deepEqual(values.map((one) => one.param).sort(), ['code', 'subject']);
  const patient = searchParameters('Observation').get('patient');
  assert.deepEqual([patient?.covers, patient?.target], [['subject'], 'Patient']);
});

test('a value that stands twice is indexed once', () => {
  const category = Array.from({ length: 60 }, () => ({ coding: [{ code: 'a' }, { code: 'a' }] }));
  assert.deepEqual(of({ resourceType: 'Observation', category }, 'category'), [token('', 'a')]);
});

test('the mask of present parameters tells a patient from another subject', () => {
  const mask = (reference: string) => {
    const values = extractIndex(observation({ subject: { reference } }));
    const bits = presentMask(values, 'Observation');
    return [...presence('Observation')]
      .filter(([, bit]) => (bits >> BigInt(bit)) & 1n)
      .map(([code]) => code);
  };
  assert.deepEqual(mask('Patient/1'), ['patient', 'subject']);
  assert.deepEqual(mask('Group/1'), ['subject']);
  assert.deepEqual(mask('https://them/fhir/Patient/1'), ['patient', 'subject']);
});

test('anything may stand in the elements of a resource without a failure', () => {
  const anything = fc.dictionary(
    fc.constantFrom('name', 'telecom', 'identifier', 'component', 'subject', 'meta', 'extension'),
    fc.anything({ maxDepth: 5, key: fc.constantFrom('coding', 'value', 'type', 'code', 'given') }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...searchableTypes()), anything, (resourceType, elements) => {
      extractIndex({ ...elements, resourceType });
    }),
  );
});
