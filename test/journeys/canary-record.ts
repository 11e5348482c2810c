/** A word like no other, one per place: whatever of it is found later says where it was planted. */
export const stem = 'Zqxkvj';
const planted: string[] = [];

/** `place` has letters only, so that the word may stand in a code, an e-mail or a path. */
export function canary(place: string): string {
  const word = `${stem}${place}${planted.length}`;
  planted.push(word);
  return word;
}

export const plantedCount = () => planted.length;

export const birthDate = '1931-03-17';

const coding = (place: string) => ({
  coding: [{ system: `urn:${canary(place)}`, code: canary(place), display: canary(place) }],
  text: canary(place),
});
const div = (place: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${canary(place)}</div>`,
});
const extension = (place: string) => [
  { url: `http://example.org/${canary(place)}`, valueString: canary(place) },
];
const reference = (place: string) => ({
  reference: `https://other.example/fhir/Practitioner/${canary(place)}`,
  display: canary(place),
  identifier: { system: `urn:${canary(place)}`, value: canary(place) },
});

/** A word in every element of a person that can hold one. */
export function patientRecord(id: string) {
  return {
    resourceType: 'Patient',
    id,
    meta: {
      source: `urn:${canary('Source')}`,
      tag: [{ system: `urn:${canary('TagSystem')}`, code: canary('Tag'), display: canary('Tag') }],
      security: [{ system: 'urn:labels', code: canary('Label'), display: canary('Label') }],
    },
    text: div('Narrative'),
    contained: [{ resourceType: 'Organization', id: 'inside', name: canary('Contained') }],
    extension: extension('Extension'),
    identifier: [
      { system: `urn:${canary('IdSystem')}`, value: canary('Identifier'), type: coding('IdType') },
      { value: `${canary('Ssn')}-536-22-9471` },
    ],
    name: [
      { use: 'official', family: canary('Family'), given: [canary('Given'), canary('Middle')] },
      { text: `${canary('Full')} ${canary('Name')}`, prefix: [canary('Prefix')] },
    ],
    telecom: [
      { system: 'phone', value: canary('Phone') },
      { system: 'email', value: `${canary('Mail')}@example.org` },
    ],
    birthDate,
    _birthDate: { extension: extension('BirthTime') },
    address: [
      {
        line: [canary('Street')],
        city: canary('City'),
        district: canary('District'),
        state: canary('State'),
        postalCode: canary('Postal'),
        country: canary('Country'),
        text: canary('Address'),
      },
    ],
    maritalStatus: coding('Marital'),
    photo: [{ contentType: 'image/png', data: data('Photo'), title: canary('PhotoTitle') }],
    contact: [{ name: { family: canary('Kin') }, telecom: [{ value: canary('KinPhone') }] }],
    communication: [{ language: { text: canary('Language') } }],
    generalPractitioner: [reference('Doctor')],
    managingOrganization: { reference: '#inside' },
  };
}

const data = (place: string) => Buffer.from(`attached: ${canary(place)}`).toString('base64');

/** What is said of that person elsewhere. */
export function clinicalRecords(patient: string) {
  const subject = { reference: `Patient/${patient}` };
  return [
    {
      resourceType: 'Observation',
      status: 'final',
      ...{ subject, text: div('ObsNarrative'), code: coding('ObsCode') },
      identifier: [{ value: canary('ObsIdentifier') }],
      performer: [reference('Performer')],
      valueQuantity: {
        value: 7.25,
        unit: canary('Unit'),
        system: 'urn:u',
        code: canary('UnitCode'),
      },
      interpretation: [coding('Interpretation')],
      note: [{ text: canary('Note'), authorString: canary('NoteAuthor') }],
      bodySite: coding('BodySite'),
      component: [{ code: coding('Component'), valueString: canary('ComponentValue') }],
    },
    {
      resourceType: 'Condition',
      ...{ subject, code: coding('Disease'), note: [{ text: canary('DiseaseNote') }] },
      onsetString: canary('Onset'),
    },
    {
      resourceType: 'DocumentReference',
      status: 'current',
      ...{ subject, description: canary('Document') },
      content: [{ attachment: { data: data('DocumentBody'), title: canary('DocumentTitle') } }],
    },
    {
      resourceType: 'Coverage',
      status: 'active',
      ...{ beneficiary: subject, payor: [reference('Payor')], subscriberId: canary('Subscriber') },
    },
    {
      resourceType: 'Communication',
      status: 'completed',
      ...{ subject, payload: [{ contentString: canary('Message') }] },
    },
  ];
}
