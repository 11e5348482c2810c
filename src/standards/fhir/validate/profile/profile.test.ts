import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../json-object.ts';
import {
  errors,
  observation,
  patient,
  profile,
  validatorWith,
  warnings,
} from '../validate-case.ts';

/** Errors of a resource that must conform to a profile of these differential elements. */
function against(type: string, element: readonly JsonObject[], ...more: JsonObject[]) {
  const validator = validatorWith([profile('p', type, element), ...more]);
  return (resource: JsonObject) =>
    errors(resource, { validator, profiles: ['http://x.example/p'] });
}

const id = (path: string, slice?: string) => ({
  id: slice === undefined ? path : `${path}:${slice}`,
  path,
  ...(slice !== undefined && { sliceName: slice }),
});

test('cardinality, fixed and pattern values, lengths and ranges are held to', () => {
  const check = against('Patient', [
    { ...id('Patient.name'), min: 1, max: '1' },
    { ...id('Patient.name.family'), min: 1, maxLength: 5 },
    { ...id('Patient.gender'), fixedCode: 'female' },
    { ...id('Patient.maritalStatus'), patternCodeableConcept: { coding: [{ code: 'M' }] } },
    { ...id('Patient.multipleBirth[x]'), type: [{ code: 'integer' }], maxValueInteger: 3 },
    { ...id('Patient.photo'), max: '0' },
  ]);
  const name = [{ family: 'Kim' }];
  const marital = (code: string) => ({ coding: [{ system: 'http://a', code, display: 'x' }] });
  assert.deepEqual(check(patient({ name, gender: 'female', maritalStatus: marital('M') })), []);
  assert.deepEqual(check(patient({})), ['required Patient']);
  assert.deepEqual(check(patient({ name: [...name, ...name] })), ['structure Patient']);
  assert.deepEqual(check(patient({ name: [{ text: 'x' }] })), ['required Patient.name[0]']);
  assert.deepEqual(check(patient({ name: [{ family: 'Kimberly' }] })), [
    'too-long Patient.name[0].family',
  ]);
  assert.deepEqual(check(patient({ name, gender: 'male' })), ['value Patient.gender']);
  assert.deepEqual(check(patient({ name, maritalStatus: marital('S') })), [
    'value Patient.maritalStatus',
  ]);
  assert.deepEqual(check(patient({ name, multipleBirthInteger: 4 })), [
    'value Patient.multipleBirth',
  ]);
  assert.deepEqual(check(patient({ name, multipleBirthBoolean: true })), [
    'structure Patient.multipleBirth',
  ]);
  assert.deepEqual(check(patient({ name, photo: [{ title: 'x' }] })), ['structure Patient']);
});

test('bindings, constraints and reference targets of a profile are held to', () => {
  const check = against('Observation', [
    {
      ...id('Observation.category'),
      binding: {
        strength: 'required',
        valueSet: 'http://hl7.org/fhir/ValueSet/observation-category',
      },
    },
    {
      ...id('Observation.component'),
      constraint: [
        { key: 'x-1', severity: 'error', human: 'x', expression: "code.text.startsWith('x')" },
        { key: 'x-2', severity: 'warning', human: 'y', expression: 'value.exists()' },
        { key: 'x-3', severity: 'error', human: 'z', expression: 'no such(' },
      ],
    },
    {
      ...id('Observation.subject'),
      type: [
        { code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] },
      ],
    },
  ]);
  const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
  const category = (code: string) => [{ coding: [{ system, code }] }];
  assert.deepEqual(check(observation({ category: category('laboratory') })), []);
  assert.deepEqual(check(observation({ category: category('x') })), [
    'code-invalid Observation.category[0]',
  ]);
  assert.deepEqual(check(observation({ component: [{ code: { text: 'x' } }] })), []);
  assert.deepEqual(check(observation({ component: [{ code: { text: 'y' } }] })), [
    'invariant Observation.component[0]',
  ]);
  assert.deepEqual(check(observation({ subject: { reference: 'Patient/1' } })), []);
  assert.deepEqual(check(observation({ subject: { reference: 'Group/1' } })), [
    'structure Observation.subject',
  ]);
});

function slicing(type: string, path: string, more: JsonObject = {}): JsonObject {
  return { slicing: { discriminator: [{ type, path }], rules: 'open', ...more } };
}

test('slices by value are counted, checked, closed and ordered', () => {
  const telecom = (more: JsonObject) =>
    against('Patient', [
      { ...id('Patient.telecom'), ...slicing('value', 'system', more) },
      { ...id('Patient.telecom', 'phone'), min: 1, max: '1' },
      { id: 'Patient.telecom:phone.system', path: 'Patient.telecom.system', fixedCode: 'phone' },
      { id: 'Patient.telecom:phone.value', path: 'Patient.telecom.value', min: 1 },
      { ...id('Patient.telecom', 'mail'), min: 0, max: '1' },
      { id: 'Patient.telecom:mail.system', path: 'Patient.telecom.system', fixedCode: 'email' },
    ]);
  const phone = { system: 'phone', value: '1' };
  const mail = { system: 'email', value: 'a@b' };
  const fax = { system: 'fax', value: '2' };
  const of = (...list: JsonObject[]) => patient({ telecom: list });
  const open = telecom({});
  assert.deepEqual(open(of(fax, mail, phone)), []);
  assert.deepEqual(open(of(mail)), ['required Patient']);
  assert.deepEqual(open(of(phone, phone)), ['structure Patient']);
  assert.deepEqual(open(of({ system: 'phone', use: 'home' })), ['required Patient.telecom[0]']);
  assert.deepEqual(telecom({ rules: 'closed' })(of(phone, fax)), ['structure Patient.telecom[1]']);
  assert.deepEqual(telecom({ rules: 'openAtEnd' })(of(phone, fax)), []);
  assert.deepEqual(telecom({ rules: 'openAtEnd' })(of(fax, phone)), [
    'structure Patient.telecom[1]',
  ]);
  assert.deepEqual(telecom({ ordered: true })(of(mail, phone)), ['structure Patient.telecom[1]']);
});

test('slices by pattern, existence and type are told apart', () => {
  const coded = against('Observation', [
    { ...id('Observation.category'), ...slicing('pattern', '$this') },
    {
      ...id('Observation.category', 'lab'),
      min: 1,
      patternCodeableConcept: { coding: [{ code: 'laboratory' }] },
    },
  ]);
  const category = (code: string) => [{ text: 'x', coding: [{ system: 'http://a', code }] }];
  assert.deepEqual(coded(observation({ category: category('laboratory') })), []);
  assert.deepEqual(coded(observation({ category: category('x') })), ['required Observation']);

  const existing = against('Patient', [
    { ...id('Patient.name'), ...slicing('exists', 'period') },
    { ...id('Patient.name', 'current'), min: 1 },
    { id: 'Patient.name:current.period', path: 'Patient.name.period', max: '0' },
    { ...id('Patient.name', 'former'), max: '1' },
    { id: 'Patient.name:former.period', path: 'Patient.name.period', min: 1 },
  ]);
  const former = { text: 'a', period: { end: '2020' } };
  assert.deepEqual(existing(patient({ name: [{ text: 'b' }, former] })), []);
  assert.deepEqual(existing(patient({ name: [former] })), ['required Patient']);
  assert.deepEqual(existing(patient({ name: [{ text: 'b' }, former, former] })), [
    'structure Patient',
  ]);

  const typed = against('Observation', [
    { ...id('Observation.value[x]'), ...slicing('type', '$this', { rules: 'closed' }) },
    { ...id('Observation.value[x]', 'valueQuantity'), type: [{ code: 'Quantity' }] },
    {
      id: 'Observation.value[x]:valueQuantity.unit',
      path: 'Observation.value[x].unit',
      min: 1,
    },
  ]);
  assert.deepEqual(typed(observation({ valueQuantity: { value: 1, unit: 'g' } })), []);
  assert.deepEqual(typed(observation({ valueQuantity: { value: 1 } })), [
    'required Observation.value',
  ]);
  assert.deepEqual(typed(observation({ valueString: 'a' })), ['structure Observation.value']);
});

test('slices by profile, through references and within slices are told apart', () => {
  const named = profile('named', 'Patient', [{ ...id('Patient.name'), min: 1 }]);
  const check = against(
    'Bundle',
    [
      { ...id('Bundle.entry'), ...slicing('profile', 'resource') },
      { ...id('Bundle.entry', 'named'), min: 1, max: '1' },
      {
        id: 'Bundle.entry:named.resource',
        path: 'Bundle.entry.resource',
        type: [{ code: 'Patient', profile: ['http://x.example/named'] }],
      },
    ],
    named,
  );
  const bundle = (...resources: JsonObject[]) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  });
  const someone = patient({ name: [{ text: 'x' }] });
  assert.deepEqual(check(bundle(someone, patient({}))), []);
  assert.deepEqual(check(bundle(patient({}))), ['required Bundle']);
  assert.deepEqual(check(bundle(someone, someone)), ['structure Bundle']);

  const resolving = against('Observation', [
    { ...id('Observation.performer'), ...slicing('type', 'resolve()') },
    {
      ...id('Observation.performer', 'org'),
      min: 1,
      type: [
        {
          code: 'Reference',
          targetProfile: ['http://hl7.org/fhir/StructureDefinition/Organization'],
        },
      ],
    },
  ]);
  const performer = (reference: string) => observation({ performer: [{ reference }] });
  assert.deepEqual(resolving(performer('Organization/1')), []);
  assert.deepEqual(resolving(performer('Practitioner/1')), ['required Observation']);
});

test('a contained or bundled target conforms to the profile the reference asks for', () => {
  const named = profile('named', 'Patient', [{ ...id('Patient.name'), min: 1 }]);
  const check = against(
    'Observation',
    [
      {
        ...id('Observation.subject'),
        type: [{ code: 'Reference', targetProfile: ['http://x.example/named'] }],
      },
    ],
    named,
  );
  const about = (elements: JsonObject) =>
    observation({
      contained: [{ resourceType: 'Patient', id: 'p', ...elements }],
      subject: { reference: '#p' },
    });
  assert.deepEqual(check(about({ name: [{ text: 'x' }] })), []);
  assert.deepEqual(check(about({ active: true })), ['structure Observation.subject']);
});

test('an unknown profile is an error when asked for, a warning when claimed', () => {
  const claiming = patient({ meta: { profile: ['http://x.example/none'] } });
  assert.deepEqual(errors(patient({}), { profiles: ['http://x.example/none'] }), [
    'not-found Patient',
  ]);
  assert.deepEqual(errors(claiming), []);
  assert.deepEqual(warnings(claiming), ['not-found Patient']);
  const validator = validatorWith([profile('p', 'Patient', [{ ...id('Patient.name'), min: 1 }])]);
  const claims = { meta: { profile: ['http://x.example/p'] } };
  assert.deepEqual(errors(patient(claims), { validator }), ['required Patient']);
  assert.deepEqual(errors(patient(claims), { validator, metaProfiles: false }), []);
  assert.deepEqual(errors(observation(claims), { validator }), ['structure Observation']);
});

test('profiles that ask for each other come to an end', () => {
  const target = (name: string) => [
    {
      ...id('Patient.link.other'),
      type: [{ code: 'Reference', targetProfile: [`http://x.example/${name}`] }],
    },
  ];
  const validator = validatorWith([
    profile('a', 'Patient', target('b')),
    profile('b', 'Patient', target('a')),
  ]);
  const link = [{ other: { reference: '#p' }, type: 'seealso' }];
  const back = [{ other: { reference: '#' }, type: 'seealso' }];
  const contained = [{ resourceType: 'Patient', id: 'p', link: back }];
  const options = { validator, profiles: ['http://x.example/a'] };
  assert.deepEqual(errors(patient({ contained, link }), options), []);
});

test('R4’s own profile of blood pressure tells systolic from diastolic', () => {
  const bp = 'http://hl7.org/fhir/StructureDefinition/bp';
  const part = (code: string, unit = 'mm[Hg]') => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value: 1, unit: 'x', system: 'http://unitsofmeasure.org', code: unit },
  });
  const category = 'http://terminology.hl7.org/CodeSystem/observation-category';
  const pressure = (...component: JsonObject[]) =>
    observation({
      category: [{ coding: [{ system: category, code: 'vital-signs' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
      subject: { reference: 'Patient/1' },
      effectiveDateTime: '2024-01-01',
      component,
    });
  const told = (...component: JsonObject[]) => errors(pressure(...component), { profiles: [bp] });
  assert.deepEqual(told(part('8480-6'), part('8462-4')), []);
  assert.deepEqual(told(part('8462-4'), part('8462-4')), [
    'required Observation',
    'structure Observation',
  ]);
  assert.deepEqual(told(part('8480-6', 'kg'), part('8462-4')), [
    'value Observation.component[0].value.code',
  ]);
});

test('profiles and records made to be slow are told to be, and are not', () => {
  const slices = Array.from({ length: 290 }, (_, at) => [
    { ...id('Patient.telecom', `s${at}`), max: '1' },
    { id: `Patient.telecom:s${at}.value`, path: 'Patient.telecom.value', fixedString: `${at}` },
  ]);
  const many = {
    ...profile('many', 'Patient', []),
    snapshot: {
      element: [
        id('Patient'),
        { ...id('Patient.telecom'), ...slicing('value', 'value') },
        ...slices.flat(),
      ],
    },
  };
  const deep = {
    ...profile('deep', 'Patient', []),
    snapshot: { element: [id('Patient'), id(`Patient${'.a'.repeat(50_000)}`)] },
  };
  const validator = validatorWith([many, deep]);
  const telecom = Array.from({ length: 5_000 }, (_, at) => ({ system: 'phone', value: `x${at}` }));
  const before = process.cpuUsage();
  const told = (name: string) =>
    errors(patient({ telecom }), { validator, profiles: [`http://x.example/${name}`] });
  assert.deepEqual(told('many'), ['too-costly Patient']);
  assert.deepEqual(told('deep'), ['not-found Patient']);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 2_000_000, `${user} µs`);
});
