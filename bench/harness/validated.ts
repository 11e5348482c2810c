import { asTransaction, population, providers } from '../../src/standards/population/index.ts';

export type Validated = { resourceType: string; [element: string]: unknown };

const text = (words: string) => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>`,
});

/** 1.3 KB, as a registration desk fills it. */
export const patient: Validated = {
  resourceType: 'Patient',
  id: 'made-up',
  text: text('Ann Made-Up, born 17 May 1974, female; lives in Nowhere, Massachusetts.'),
  identifier: [
    {
      use: 'usual',
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }],
      },
      system: 'http://hospital.example/mrn',
      value: '0012345',
    },
    { system: 'http://insurer.example/member', value: 'A-99887766' },
  ],
  active: true,
  name: [
    { use: 'official', family: 'Made-Up', given: ['Ann', 'Bea'], prefix: ['Dr.'] },
    { use: 'maiden', family: 'Before', given: ['Ann'], period: { end: '2001-06-30' } },
  ],
  telecom: [
    { system: 'phone', value: '555 0100', use: 'home', rank: 1 },
    { system: 'email', value: 'ann@made.example', use: 'work' },
  ],
  gender: 'female',
  birthDate: '1974-05-17',
  deceasedBoolean: false,
  address: [
    {
      ...{ use: 'home', type: 'both', line: ['1 Made Up Road', 'Floor 2'], city: 'Nowhere' },
      ...{ state: 'MA', postalCode: '00000', country: 'US', period: { start: '1999-01-01' } },
    },
  ],
  maritalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M' }],
  },
  communication: [
    { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] }, preferred: true },
  ],
  managingOrganization: { reference: 'Organization/made-up', display: 'Made-Up Hospital' },
};

/** 0.9 KB, a measurement. */
export const observation: Validated = {
  resourceType: 'Observation',
  id: 'made-up',
  text: text('Body weight 71.5 kg'),
  status: 'final',
  category: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/observation-category',
          code: 'vital-signs',
          display: 'Vital Signs',
        },
      ],
    },
  ],
  code: {
    coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body Weight' }],
    text: 'Body weight',
  },
  subject: { reference: 'Patient/made-up' },
  encounter: { reference: 'Encounter/made-up' },
  effectiveDateTime: '2024-05-17T10:00:00-04:00',
  issued: '2024-05-17T10:05:00.123-04:00',
  performer: [{ reference: 'Practitioner/made-up' }],
  valueQuantity: { value: 71.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  interpretation: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
          code: 'N',
        },
      ],
    },
  ],
  referenceRange: [{ low: { value: 50, unit: 'kg' }, high: { value: 90, unit: 'kg' } }],
};

/** 37 KB: a hospital stay billed in 30 lines. */
export function explanationOfBenefit(): Validated {
  const coded = (system: string, code: string) => ({
    coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
  });
  const money = (value: number) => ({ value, currency: 'USD' });
  const item = (sequence: number) => ({
    sequence,
    careTeamSequence: [1],
    productOrService: {
      coding: [{ system: 'http://snomed.info/sct', code: '185349003', display: 'Check up' }],
      text: 'Check up',
    },
    servicedPeriod: { start: '2024-05-17T10:00:00Z', end: '2024-05-17T10:15:00Z' },
    locationCodeableConcept: coded('ex-serviceplace', '19'),
    quantity: { value: 1 },
    net: money(125.5),
    adjudication: ['submitted', 'copay', 'eligible', 'deductible', 'benefit'].map((code, at) => ({
      category: coded('adjudication', code),
      amount: money(10.25 * (at + 1)),
    })),
  });
  return {
    resourceType: 'ExplanationOfBenefit',
    id: 'made-up',
    text: text('Paid'),
    status: 'active',
    type: coded('claim-type', 'institutional'),
    use: 'claim',
    patient: { reference: 'Patient/made-up' },
    billablePeriod: { start: '2024-05-17', end: '2025-05-17' },
    created: '2024-05-17T10:00:00Z',
    insurer: { display: 'Made-Up Insurance' },
    provider: { reference: 'Practitioner/made-up' },
    outcome: 'complete',
    careTeam: [{ sequence: 1, provider: { reference: 'Practitioner/made-up' } }],
    insurance: [{ focal: true, coverage: { display: 'Made-Up Insurance' } }],
    item: Array.from({ length: 30 }, (_, index) => item(index + 1)),
    total: [{ category: coded('adjudication', 'submitted'), amount: money(5020) }],
    payment: { amount: money(4000) },
  };
}

/** A collection of so many entries that refer to each other, from the generator. */
export function bundleOf(entries: number): Validated {
  const entry: object[] = [...asTransaction(providers(7)).entry];
  for (const { resources } of population({ seed: 7, patients: 1_000 })) {
    if (entry.length >= entries) break;
    entry.push(...asTransaction(resources).entry);
  }
  return { resourceType: 'Bundle', type: 'transaction', entry: entry.slice(0, entries) };
}
