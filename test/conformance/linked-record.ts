const loinc = 'http://loinc.org';
const ucum = 'http://unitsofmeasure.org';

const ref = (reference: string) => ({ reference });
const code = (value: string, system = loinc, display?: string) => ({
  coding: [{ system, code: value, ...(display && { display }) }],
});

export const places = [
  { resourceType: 'Organization', id: 'root', name: 'Root', active: true },
  { resourceType: 'Organization', id: 'mid', name: 'Middle', partOf: ref('Organization/root') },
  { resourceType: 'Organization', id: 'leaf', name: 'Leaf', partOf: ref('Organization/mid') },
  {
    resourceType: 'Practitioner',
    id: 'dr',
    name: [{ family: 'Welby' }],
    identifier: [{ system: 'http://npi', value: '7' }],
  },
  {
    resourceType: 'PractitionerRole',
    id: 'role',
    practitioner: ref('Practitioner/dr'),
    organization: ref('Organization/leaf'),
    specialty: [code('cardio', 'http://spec')],
  },
  {
    resourceType: 'Location',
    id: 'loc',
    status: 'active',
    name: 'Ward',
    managingOrganization: ref('Organization/leaf'),
    position: { latitude: 42.25, longitude: -83.69 },
  },
  {
    resourceType: 'Endpoint',
    id: 'ep',
    status: 'active',
    connectionType: { system: 'http://c', code: 'x' },
    payloadType: [{ text: 'x' }],
    address: 'https://e.example.org',
  },
];
export const people = [
  {
    resourceType: 'Patient',
    id: 'a',
    name: [{ family: 'Alpha', given: ['Ann'] }],
    gender: 'female',
    birthDate: '1980-01-01',
    managingOrganization: ref('Organization/leaf'),
    generalPractitioner: [ref('Practitioner/dr')],
    identifier: [{ system: 'http://mrn', value: 'A' }],
    link: [{ other: ref('Patient/b'), type: 'seealso' }],
  },
  {
    resourceType: 'Patient',
    id: 'b',
    name: [{ family: 'Beta', given: ['Bob'] }],
    gender: 'male',
    birthDate: '1990-01-01',
    managingOrganization: ref('Organization/root'),
    identifier: [{ system: 'http://mrn', value: 'B' }],
  },
  { resourceType: 'Patient', id: 'c', name: [{ family: 'Gamma' }], birthDate: '2000-01-01' },
  {
    resourceType: 'Encounter',
    id: 'ea',
    status: 'finished',
    class: { code: 'AMB' },
    subject: ref('Patient/a'),
    serviceProvider: ref('Organization/leaf'),
    period: { start: '2020-01-01', end: '2020-01-02' },
    participant: [{ individual: ref('Practitioner/dr') }],
  },
  {
    resourceType: 'Encounter',
    id: 'eb',
    status: 'in-progress',
    class: { code: 'IMP' },
    subject: ref('Patient/b'),
    period: { start: '2021-01-01' },
  },
];
const obs = (id: string, subject: string, more: object) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject: ref(subject),
  ...more,
});
const bp = (id: string, sys: number, dia: number) =>
  obs(id, 'Patient/a', {
    code: code('85354-9', loinc, 'Blood pressure panel'),
    encounter: ref('Encounter/ea'),
    effectiveDateTime: '2020-01-01T08:00:00Z',
    component: [
      {
        code: code('8480-6'),
        valueQuantity: { value: sys, unit: 'mmHg', system: ucum, code: 'mm[Hg]' },
      },
      {
        code: code('8462-4'),
        valueQuantity: { value: dia, unit: 'mmHg', system: ucum, code: 'mm[Hg]' },
      },
    ],
  });

export const findings = [
  bp('bp1', 140, 90),
  bp('bp2', 110, 70),
  obs('hr', 'Patient/a', {
    code: { ...code('8867-4', loinc, 'Heart rate'), text: 'Pulse of heart' },
    valueQuantity: { value: 80, unit: '/min', system: ucum, code: '/min' },
    effectiveDateTime: '2020-02-01',
    performer: [ref('Practitioner/dr')],
  }),
  obs('hrb', 'Patient/b', {
    code: code('8867-4', loinc, 'Heart rate'),
    valueQuantity: { value: 60, unit: '/min', system: ucum, code: '/min' },
    effectiveDateTime: '2021-02-01',
    hasMember: [ref('Observation/hr')],
  }),
  obs('str', 'Patient/b', { code: code('abc', 'http://local'), valueString: 'Blue, light' }),
  obs('cc', 'Patient/c', {
    code: code('xyz', 'http://local'),
    valueCodeableConcept: code('pos', 'http://v', 'Positive'),
    derivedFrom: [ref('Observation/str')],
  }),
  {
    resourceType: 'Condition',
    id: 'con',
    clinicalStatus: code('active', 'http://terminology.hl7.org/CodeSystem/condition-clinical'),
    subject: ref('Patient/a'),
    encounter: ref('Encounter/ea'),
    code: {
      coding: [{ system: 'http://snomed.info/sct', code: '1', display: 'Headache, chronic' }],
      text: 'Head pain',
    },
    onsetAge: { value: 40, unit: 'a', system: ucum, code: 'a' },
  },
  {
    resourceType: 'Condition',
    id: 'words',
    subject: { display: 'somebody' },
    code: { text: 'Migraine' },
    onsetString: 'as a child',
  },
  {
    resourceType: 'DiagnosticReport',
    id: 'dx',
    status: 'final',
    code: code('58410-2'),
    subject: ref('Patient/a'),
    result: [ref('Observation/bp1'), ref('Observation/hr')],
    basedOn: [ref('ServiceRequest/sr')],
  },
  {
    resourceType: 'ServiceRequest',
    id: 'sr',
    status: 'active',
    intent: 'order',
    subject: ref('Patient/a'),
    requester: ref('PractitionerRole/role'),
    code: code('58410-2'),
  },
  {
    resourceType: 'Provenance',
    id: 'prov',
    target: [ref('Observation/hr'), ref('Observation/bp1/_history/1')],
    recorded: '2020-03-01T00:00:00Z',
    agent: [{ who: ref('Practitioner/dr') }],
  },
  {
    resourceType: 'Observation',
    id: 'ext',
    status: 'final',
    code: code('ext', 'http://local'),
    subject: { reference: 'http://other.example.org/fhir/Patient/z' },
  },
  {
    resourceType: 'Observation',
    id: 'log',
    status: 'final',
    code: code('log', 'http://local'),
    subject: { identifier: { system: 'http://mrn', value: 'L' }, type: 'Patient' },
  },
];
export const others = [
  {
    resourceType: 'Group',
    id: 'g',
    type: 'person',
    actual: true,
    member: [{ entity: ref('Patient/a') }, { entity: ref('Patient/b') }],
    characteristic: [
      {
        code: code('gender', 'http://ch'),
        valueCodeableConcept: code('mixed', 'http://ch'),
        exclude: false,
      },
      {
        code: code('owner', 'http://ch'),
        valueCodeableConcept: code('other', 'http://ch'),
        exclude: false,
      },
    ],
  },
  {
    resourceType: 'List',
    id: 'l',
    status: 'current',
    mode: 'working',
    entry: [
      { item: ref('Patient/a') },
      { item: ref('Patient/c') },
      { item: ref('Observation/hr') },
    ],
  },
  {
    resourceType: 'MedicationRequest',
    id: 'mr',
    status: 'active',
    intent: 'order',
    medicationReference: ref('Medication/med'),
    subject: ref('Patient/a'),
    requester: ref('Practitioner/dr'),
    authoredOn: '2020-01-05',
  },
  {
    resourceType: 'Medication',
    id: 'med',
    code: code('m1', 'http://rx'),
    manufacturer: ref('Organization/mid'),
  },
  {
    resourceType: 'CareTeam',
    id: 'ct',
    status: 'active',
    subject: ref('Patient/a'),
    participant: [{ member: ref('Practitioner/dr'), role: [code('r', 'http://r')] }],
  },
  {
    resourceType: 'Composition',
    id: 'comp',
    status: 'final',
    type: code('11488-4'),
    date: '2020-01-01',
    title: 'Consult',
    author: [ref('Practitioner/dr')],
    subject: ref('Patient/a'),
    section: [{ title: 's', entry: [ref('Observation/hr')] }],
  },
  {
    resourceType: 'Basic',
    id: 'tagged',
    code: { text: 'x' },
    meta: {
      tag: [{ system: 'http://t', code: 'T1' }],
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
      profile: ['http://example.org/p|1.0'],
      source: 'http://source.example.org#1',
    },
  },
];
