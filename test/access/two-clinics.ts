import type { Resource } from '../records.ts';

/** What an answer to somebody of the other clinic must never hold. */
export const marks = { lakeside: 'Lakesidemark', quayside: 'Quaysidemark' } as const;
export type Clinic = keyof typeof marks;

/** The same ids and links in both clinics, each with its own mark in every text. */
export function recordsOf(clinic: Clinic): Resource[] {
  const mark = marks[clinic];
  return [
    { resourceType: 'Organization', id: 'org', name: `${mark} Insurers` },
    {
      ...{ resourceType: 'Practitioner', id: 'doc', name: [{ family: `${mark}doc` }] },
      ...{ identifier: [{ system: 'urn:npi', value: '1' }] },
    },
    { resourceType: 'Questionnaire', id: 'q', status: 'active', title: mark },
    { resourceType: 'ResearchStudy', id: 'study', status: 'active', title: mark },
    ...['ann', 'bob'].flatMap((id) => chartOf(id, mark)),
  ];
}

function chartOf(id: string, mark: string): Resource[] {
  const subject = { reference: `Patient/${id}` };
  const concept = (code: string) => ({ coding: [{ system: 'urn:c', code }], text: mark });
  return [
    {
      ...{ resourceType: 'Patient', id, active: true, gender: 'female', birthDate: '1970-05-12' },
      name: [{ family: `${mark}${id}`, given: [id] }],
      identifier: [{ system: 'urn:mrn', value: `${mark}${id}` }],
      telecom: [{ system: 'phone', value: `555-${id}` }],
      address: [{ city: `${mark}ville` }],
      generalPractitioner: [{ reference: 'Practitioner/doc' }],
    },
    {
      ...{ resourceType: 'Observation', id: `obs-${id}`, status: 'final', code: concept('pulse') },
      ...{
        subject,
        effectiveDateTime: '2024-05-01',
        encounter: { reference: `Encounter/enc-${id}` },
      },
      valueQuantity: { value: 70, unit: '/min', system: 'urn:u', code: '/min' },
      note: [{ text: mark }],
    },
    {
      ...{
        resourceType: 'Observation',
        id: `panel-${id}`,
        status: 'final',
        code: concept('panel'),
      },
      ...{ subject, hasMember: [{ reference: `Observation/obs-${id}` }] },
    },
    {
      ...{ resourceType: 'Condition', id: `cond-${id}`, code: concept('gout'), subject },
      onsetDateTime: '2020-01-01',
    },
    {
      ...{ resourceType: 'Encounter', id: `enc-${id}`, status: 'finished', subject },
      class: { system: 'urn:class', code: 'AMB' },
      reasonCode: [concept('gout')],
      participant: [{ individual: { reference: 'Practitioner/doc' } }],
    },
    {
      ...{ resourceType: 'Appointment', id: `app-${id}`, status: 'booked' },
      ...{ start: '2026-05-01T10:00:00Z', end: '2026-05-01T10:20:00Z' },
      ...{ reasonCode: [concept('gout')], specialty: [concept('onc')], description: mark },
      participant: [
        { actor: subject, status: 'accepted' },
        { actor: { reference: 'Practitioner/doc' }, status: 'accepted' },
      ],
    },
    {
      ...{ resourceType: 'Coverage', id: `cov-${id}`, status: 'active', beneficiary: subject },
      ...{ payor: [{ reference: 'Organization/org' }], subscriberId: `${mark}${id}` },
    },
  ];
}

const patient = [
  ...['', `name=${marks.lakeside}ann`, `family:exact=${marks.lakeside}bob`, 'birthdate=ge1900'],
  ...['gender=female', `identifier=urn:mrn|${marks.lakeside}bob`, '_id=ann,bob', 'phone=555-bob'],
  ...['_lastUpdated=ge2000', 'general-practitioner.name=Lake', 'birthdate:missing=false'],
  ...['_has:Observation:patient:code=pulse', '_has:Appointment:patient:reason-code=gout'],
  ...['_has:Coverage:beneficiary:status=active', '_has:Condition:subject:code=gout'],
  '_has:Observation:patient:_has:Observation:has-member:code=panel',
  ...['_revinclude=Observation:patient', '_revinclude=Appointment:patient'],
  ...['_revinclude=Encounter:patient', '_revinclude=Coverage:beneficiary'],
  '_revinclude=Observation:patient&_include:iterate=Observation:encounter',
  '_revinclude=Appointment:actor&_include:iterate=Appointment:practitioner',
  ...['_include=Patient:general-practitioner', '_include=*', '_elements=name,telecom'],
  ...['_sort=family', '_sort=-birthdate', '_sort=_lastUpdated', '_summary=true'],
  ...['_summary=count', '_total=accurate&_count=1', '_summary=text', '_count=1'],
];
const observation = [
  ...['', 'code=pulse', 'code:not=pulse', 'subject=Patient/ann', 'patient=bob', 'date=ge2000'],
  ...[`patient.family=${marks.lakeside}bob`, 'value-quantity=gt1', 'code-value-quantity=pulse$70'],
  ...['encounter.status=finished', 'encounter.reason-code=gout', 'has-member.code=pulse'],
  ...['_include=Observation:subject', '_include=Observation:*', '_include=Observation:encounter'],
  '_include=Observation:encounter&_include:iterate=Encounter:participant',
  ...['_revinclude=Observation:has-member', '_sort=date', '_sort=code', '_summary=count'],
];
const appointment = [
  ...['', 'patient=ann', 'patient=Patient/bob', 'status=booked', 'date=ge2000', '_sort=date'],
  ...['reason-code=gout', 'reason-code=none', 'reason-code:missing=false', 'specialty=onc'],
  ...['service-type:missing=true', '_sort=specialty', '_sort=-reason-code', 'status:not=booked'],
  ...[`patient.name=${marks.lakeside}bob`, 'practitioner.name=Lake', '_summary=count'],
  ...['_include=Appointment:patient', '_include=Appointment:*', '_elements=description,status'],
];
const encounter = [
  ...['', '_id=enc-ann,enc-bob', 'patient=bob', 'patient:missing=false', 'subject:missing=true'],
  ...['status=finished', 'reason-code=gout', '_include=Encounter:patient', '_sort=status'],
  ...['_sort=_lastUpdated', '_summary=count', '_has:Observation:encounter:code=pulse'],
];

/** Every way a search opens records, by type. */
export const queries: Readonly<Record<string, readonly string[]>> = {
  ...{ Patient: patient, Observation: observation, Appointment: appointment, Encounter: encounter },
  Condition: ['', 'code=gout', 'subject=Patient/bob', '_include=Condition:patient'],
  Coverage: ['', 'beneficiary=Patient/bob', 'payor.name=Lake', '_include=Coverage:payor'],
  Practitioner: [
    ...['', 'name=Lake', '_revinclude=Patient:general-practitioner', '_sort=name'],
    `_has:Patient:general-practitioner:family=${marks.lakeside}bob`,
    '_has:Appointment:practitioner:reason-code=gout',
    ...['_revinclude=Appointment:practitioner', '_revinclude=Encounter:participant'],
  ],
  Organization: [
    '',
    'name=Lake',
    '_revinclude=Coverage:payor',
    '_has:Coverage:payor:status=active',
  ],
  Questionnaire: ['', 'status=active'],
  ResearchStudy: ['', 'status=active'],
};
