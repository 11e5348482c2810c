const observation = (id: string, more: object) => ({
  ...{
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  },
  ...more,
});
export function dated() {
  const at = (id: string, effective: object) => ({
    ...observation(id, effective),
    identifier: [{ value: 'dated' }],
  });
  return [
    at('y', { effectiveDateTime: '2013' }),
    at('mo', { effectiveDateTime: '2013-03' }),
    at('d', { effectiveDateTime: '2013-03-14' }),
    at('s', { effectiveDateTime: '2013-03-14T10:00:00Z' }),
    at('ms', { effectiveDateTime: '2013-03-14T10:00:00.500Z' }),
    at('tz', { effectiveDateTime: '2013-03-14T23:30:00-05:00' }),
    at('p', { effectivePeriod: { start: '2013-03-10', end: '2013-03-20' } }),
    at('po', { effectivePeriod: { start: '2013-01-21' } }),
    at('pe', { effectivePeriod: { end: '2013-02-01' } }),
    at('t', { effectiveTiming: { event: ['2013-05-01', '2013-06-01'] } }),
    at('i', { effectiveInstant: '2013-03-15T00:00:00Z' }),
  ];
}
export function amounts() {
  const of = (id: string, valueQuantity: object) => ({
    ...observation(id, { valueQuantity }),
    identifier: [{ value: 'amount' }],
  });
  const ucum = 'http://unitsofmeasure.org';
  const risk = (id: string, probabilityDecimal: number) => ({
    ...{
      resourceType: 'RiskAssessment',
      id,
      status: 'final',
      subject: { reference: 'Patient/p1' },
    },
    prediction: [{ probabilityDecimal }],
  });
  return [
    of('q54', { value: 5.4, unit: 'mg', system: ucum, code: 'mg' }),
    of('q540', { value: 5.4, unit: 'mg', system: ucum, code: 'mg' }),
    of('q536', { value: 5.36, unit: 'mg', system: ucum, code: 'mg' }),
    of('q5g', { value: 0.0054, unit: 'g', system: ucum, code: 'g' }),
    of('qun', { value: 5.4, unit: 'mg' }),
    of('qcmp', { value: 100, comparator: '>', unit: 'mg', system: ucum, code: 'mg' }),
    of('qneg', { value: -3, unit: 'Cel', system: ucum, code: 'Cel' }),
    risk('r100', 100),
    risk('r1005', 100.5),
    risk('r995', 99.5),
    risk('r9949', 99.49),
    risk('r01', 0.1),
    ...[0, 1].map((n) => ({
      resourceType: 'ImmunizationRecommendation',
      id: `ir${n}`,
      patient: { reference: 'Patient/p1' },
      date: '2020-01-01',
      recommendation: [
        {
          vaccineCode: [{ text: 'x' }],
          forecastStatus: { text: 'due' },
          doseNumberPositiveInt: n + 1,
        },
      ],
    })),
    {
      resourceType: 'Invoice',
      id: 'inv',
      status: 'issued',
      totalGross: { value: 120.5, currency: 'USD' },
    },
    {
      resourceType: 'Encounter',
      id: 'enc1',
      status: 'finished',
      class: { code: 'AMB' },
      length: { value: 1, unit: 'h', system: ucum, code: 'h' },
    },
  ];
}
export const people = [
  {
    resourceType: 'Patient',
    id: 'p1',
    active: true,
    gender: 'male',
    birthDate: '1970-03-05',
    identifier: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }],
        },
        system: 'http://acme.org/mrn',
        value: 'AbC|12',
      },
    ],
    name: [
      {
        use: 'official',
        family: 'Müller-Lüdenscheidt',
        given: ['Eve', 'Anna Maria'],
        prefix: ['Dr.'],
        text: 'Doc Eve',
      },
    ],
    telecom: [
      { system: 'phone', value: '+1 (555) 0100', use: 'home' },
      { system: 'email', value: 'Eve@Example.org' },
    ],
    address: [
      {
        line: ['5 High Street'],
        city: 'Saint Paul',
        state: 'MN',
        postalCode: '55101',
        country: 'US',
        use: 'home',
      },
    ],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] } }],
    generalPractitioner: [{ reference: 'Practitioner/dr1' }],
    managingOrganization: { reference: 'Organization/o1' },
  },
  {
    resourceType: 'Patient',
    id: 'p2',
    active: false,
    gender: 'female',
    birthDate: '1970-03',
    deceasedBoolean: true,
    identifier: [{ system: 'http://acme.org/mrn', value: 'abc12' }, { value: 'nosys' }],
    name: [{ family: "O'Brien, Jr", given: ['Steve'] }],
    telecom: [{ system: 'phone', value: '555-0101' }],
    address: [{ city: 'Paul', use: 'work' }],
  },
  {
    resourceType: 'Patient',
    id: 'p3',
    deceasedDateTime: '2015-02-14',
    birthDate: '1970',
    name: [{ family: 'Van der Berg', given: ['eve$x'] }],
    identifier: [{ system: 'http://other.org', value: 'AbC|12' }],
  },
  { resourceType: 'Patient', id: 'p4', deceasedBoolean: false, gender: 'unknown' },
  {
    resourceType: 'Practitioner',
    id: 'dr1',
    name: [{ family: 'Welby' }],
    identifier: [{ system: 'http://npi', value: '1' }],
  },
  { resourceType: 'Organization', id: 'o1', name: 'Acme Clinic', alias: ['The Acme'] },
  {
    resourceType: 'Organization',
    id: 'o2',
    name: 'Acme Branch',
    partOf: { reference: 'Organization/o1' },
  },
  {
    resourceType: 'Organization',
    id: 'o3',
    name: 'Acme Ward',
    partOf: { reference: 'Organization/o2' },
  },
];
export function named() {
  const vs = (id: string, url: string, version: string) => ({
    resourceType: 'ValueSet',
    id,
    url,
    version,
    status: 'active',
    name: id,
    title: `Title ${id}`,
    experimental: false,
  });
  return [
    vs('v1', 'http://acme.org/fhir/ValueSet/123', '1'),
    vs('v2', 'http://acme.org/fhir/ValueSet/123/more', '1'),
    vs('v3', 'http://acme.org/fhir', '1'),
    vs('v4', 'urn:oid:1.2.3.4', '2'),
    vs('v5', 'http://acme.org/fhir/ValueSet/1234', '1'),
  ];
}
