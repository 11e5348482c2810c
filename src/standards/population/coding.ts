import type { Elements } from './resource.ts';

/** A code with its display, as the tables write it. */
export type Code = readonly [code: string, display: string];

const hl7 = 'http://terminology.hl7.org/CodeSystem';

export const system = {
  actCode: `${hl7}/v3-ActCode`,
  adjudication: `${hl7}/adjudication`,
  cvx: 'http://hl7.org/fhir/sid/cvx',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  interpretation: `${hl7}/v3-ObservationInterpretation`,
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  snomed: 'http://snomed.info/sct',
  ucum: 'http://unitsofmeasure.org',
} as const;

/** The address of an HL7 terminology code system. */
export function terminology(name: string): string {
  return `${hl7}/${name}`;
}

export function coding(from: string, [code, display]: Code): Elements {
  return { system: from, code, display };
}

/** A CodeableConcept with one coding, its display as text. */
export function concept(from: string, code: Code): Elements {
  return { coding: [coding(from, code)], text: code[1] };
}

/** A CodeableConcept with only the code, for the small value sets of the standard itself. */
export function status(from: string, code: string): Elements {
  return { coding: [{ system: terminology(from), code }] };
}

export function reference(type: string, id: string, display?: string): Elements {
  return display === undefined
    ? { reference: `${type}/${id}` }
    : { reference: `${type}/${id}`, display };
}

/** A Quantity in UCUM. */
export function quantity(value: number, unit: string, code = unit): Elements {
  return { value, unit, system: system.ucum, code };
}

export function money(cents: number): Elements {
  return { value: cents / 100, currency: 'USD' };
}

/** Rounded to so many decimals. */
export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
