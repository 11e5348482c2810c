import type { NaiveResource } from './naive-search.ts';

const observation = (id: string, more: object): NaiveResource => ({
  ...{ resourceType: 'Observation', id, status: 'final' },
  ...{ code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] }, ...more },
});
const patient = (id: string, more: object): NaiveResource => ({
  ...{ resourceType: 'Patient', id, ...more },
});
const ucum = 'http://unitsofmeasure.org';
const part = (code: string, more: object) => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  ...more,
});

/** What a generator of believable patients does not make, and people write all the same. */
export function edgeCases(): NaiveResource[] {
  return [...patients(), ...observations(), ...others()];
}

function patients(): NaiveResource[] {
  return [
    patient('e-accent', { name: [{ family: 'Müller-Lüdenscheidt', given: ['Zoë', 'ÅSA'] }] }),
    patient('e-plain', { name: [{ family: 'muller ludenscheidt', given: ['Zoe'] }] }),
    patient('e-irish', { name: [{ family: "O'Brien", prefix: ['Dr.'], text: 'Dr. O’Brien' }] }),
    patient('e-long', {
      name: [{ family: 'Wolfeschlegelsteinhausenbergerdorff und so weiter' }],
      address: [{ line: ['1 a b c d e f g h i j'], city: 'Łódź', postalCode: '90-001' }],
    }),
    patient('e-script', { name: [{ text: '山田 太郎', family: '山田', given: ['太郎'] }] }),
    patient('e-year', { birthDate: '1970' }),
    patient('e-month', { birthDate: '1970-05', gender: 'other' }),
    patient('e-day', { birthDate: '1970-05-12', deceasedBoolean: false }),
    patient('e-old', { birthDate: '1849-12-31', deceasedDateTime: '1920-02' }),
    patient('e-far', { birthDate: '2151-01-01', active: false }),
    patient('e-identifier', {
      identifier: [
        { system: 'urn:a', value: 'X,1|2$3\\4' },
        { value: 'bare' },
        {
          type: { coding: [{ system: 'urn:types', code: 'MR' }] },
          ...{ system: 'urn:b', value: 'bare' },
        },
      ],
      telecom: [{ system: 'email', value: 'Ann.Smith@Example.org' }],
    }),
    patient('e-empty', { active: true }),
    patient('e-tag', {
      meta: { tag: [{ system: 'urn:t', code: 'x' }], profile: ['http://p.test/a'] },
      link: [{ other: { reference: 'Patient/e-year' }, type: 'seealso' }],
      ...{ managingOrganization: { identifier: { system: 'urn:org', value: '7' } } },
    }),
  ];
}

function observations(): NaiveResource[] {
  const quantity = (value: number, more: object) => ({ valueQuantity: { value, ...more } });
  const of = (id: string) => ({ subject: { reference: `Patient/${id}` } });
  return [
    observation('o-open', { effectivePeriod: { start: '2020-01-01' }, ...of('e-year') }),
    observation('o-until', { effectivePeriod: { end: '2020-06' }, ...of('e-month') }),
    observation('o-both', {
      effectivePeriod: { start: '2020-02-03T04:05:06+14:00', end: '2020-02-03T23:59:59.999Z' },
    }),
    observation('o-year', { effectiveDateTime: '2020', ...of('e-day') }),
    observation('o-leap', { effectiveInstant: '2020-02-29T23:59:60Z', ...of('e-day') }),
    observation('o-mg', quantity(5.4, { unit: 'milligram', system: ucum, code: 'mg' })),
    observation('o-unit', quantity(5.4, { unit: 'mg' })),
    observation('o-bare', quantity(5.40001, {})),
    observation('o-less', quantity(5, { comparator: '<', unit: 'mg', system: ucum, code: 'mg' })),
    observation('o-more', quantity(5, { comparator: '>=', system: ucum, code: 'mg' })),
    observation('o-negative', quantity(-40, { system: ucum, code: 'Cel' })),
    observation('o-huge', quantity(1e300, { system: ucum, code: 'mg' })),
    observation('o-string', { valueString: 'Grün & schön' }),
    observation('o-coded', {
      valueCodeableConcept: { coding: [{ code: 'y' }, { system: 'urn:v', code: 'z' }] },
    }),
    observation('o-parts', {
      component: [
        part('8480-6', { valueQuantity: { value: 120, system: ucum, code: 'mm[Hg]' } }),
        part('8462-4', { valueQuantity: { value: 80, system: ucum, code: 'mm[Hg]' } }),
        part('x', { valueCodeableConcept: { coding: [{ system: 'urn:v', code: 'z' }] } }),
      ],
    }),
    observation('o-swapped', {
      component: [
        part('8480-6', { valueQuantity: { value: 80, system: ucum, code: 'mm[Hg]' } }),
        part('8462-4', { valueQuantity: { value: 120, system: ucum, code: 'mm[Hg]' } }),
      ],
      hasMember: [{ reference: 'Observation/o-parts' }],
    }),
    observation('o-elsewhere', { subject: { reference: 'https://other.test/fhir/Patient/9' } }),
    observation('o-versioned', { subject: { reference: 'Patient/e-tag/_history/1' } }),
    observation('o-logical', { subject: { identifier: { system: 'urn:a', value: 'L1' } } }),
  ];
}

function others(): NaiveResource[] {
  return [
    {
      ...{ resourceType: 'RiskAssessment', id: 'r-1', status: 'final' },
      ...{ subject: { reference: 'Patient/e-year' }, prediction: [{ probabilityDecimal: 0.02 }] },
    },
    {
      ...{ resourceType: 'RiskAssessment', id: 'r-2', status: 'final' },
      ...{ subject: { reference: 'Patient/e-day' }, prediction: [{ probabilityDecimal: 0.8 }] },
    },
    { resourceType: 'ValueSet', id: 'v-1', status: 'draft', url: 'http://v.test/a|b', name: 'A' },
    { resourceType: 'ValueSet', id: 'v-2', status: 'active', url: 'urn:oid:1.2.3' },
    {
      ...{ resourceType: 'Group', id: 'g-1', type: 'person', actual: true },
      characteristic: [
        {
          ...{ code: { coding: [{ system: 'urn:c', code: 'sex' }] }, exclude: false },
          valueCodeableConcept: { coding: [{ system: 'urn:s', code: 'f' }] },
        },
      ],
      member: [{ entity: { reference: 'Patient/e-day' } }],
    },
  ];
}
