import type { DefinitionSource } from '../../src/standards/fhir/definition-source.ts';
import { resourceTypes } from '../../src/standards/fhir/definitions.ts';
import type { JsonObject } from '../../src/standards/fhir/json-object.ts';
import type { ElementDefinition } from '../../src/standards/fhir/snapshot/element-definition.ts';
import { TerminologyRefused } from '../../src/standards/fhir/terminology/refused.ts';
import type { Terminology } from '../../src/standards/fhir/terminology/terminology.ts';

/** What examples are made with. */
export type Maker = { readonly definitions: DefinitionSource; readonly terminology: Terminology };

const primitives: Readonly<Record<string, unknown>> = {
  ...{ boolean: true, integer: 1, positiveInt: 1, unsignedInt: 1, decimal: 1.5 },
  ...{ string: 'made up', markdown: 'made up', code: 'made-up', id: 'made-up' },
  ...{ uri: 'http://made.example/up', url: 'http://made.example/up', base64Binary: 'AAAA' },
  ...{ canonical: 'http://made.example/up', oid: 'urn:oid:1.2.3' },
  ...{ date: '2024-05-17', dateTime: '2024-05-17T10:00:00Z', instant: '2024-05-17T10:00:00Z' },
  time: '10:00:00',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
};

export const isPrimitive = (code: string): boolean => code in primitives;

const complex: Readonly<Record<string, JsonObject>> = {
  Identifier: { system: 'http://made.example/id', value: '1234567893' },
  HumanName: { family: 'Made-Up', given: ['Ann'] },
  Address: { line: ['1 Made Up'], city: 'Nowhere', state: 'MA', postalCode: '00000' },
  ContactPoint: { system: 'phone', value: '555 000', use: 'work' },
  Quantity: { value: 1, unit: '1', system: 'http://unitsofmeasure.org', code: '1' },
  Period: { start: '2024-05-17', end: '2024-05-18' },
  Range: { low: { value: 1 }, high: { value: 2 } },
  Ratio: { numerator: { value: 1 }, denominator: { value: 2 } },
  Attachment: { contentType: 'text/plain', url: 'http://made.example/up' },
  Annotation: { text: 'made up' },
  Dosage: { text: 'made up' },
  Timing: { code: { text: 'daily' } },
  Narrative: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  Meta: {},
  SampledData: { origin: { value: 1 }, period: 1, dimensions: 1, data: '1 2' },
  Signature: {
    type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
    when: '2024-05-17T10:00:00Z',
    who: { display: 'made up' },
  },
};

const english = { system: 'urn:ietf:bcp:47', code: 'en' };

/** A value of the element's first type, from its value set where that can be listed. */
export function exampleValue(maker: Maker, element: ElementDefinition): unknown {
  const code = typeCode(element);
  if (code === 'Reference') return { reference: `${targetOf(maker, element)}/made-up` };
  const valueSet = (element['binding'] as { valueSet?: string } | undefined)?.valueSet;
  const language = /language/i.test(valueSet ?? '') ? english : undefined;
  const wanted = [valueSet, mostOf(element)].filter((one) => one !== undefined);
  const coding = language ?? wanted.map((one) => firstCode(maker, one)).find(Boolean);
  if (code === 'Coding') return coding ?? { system: 'http://made.example/cs', code: 'made-up' };
  if (code === 'CodeableConcept') return coding ? { coding: [coding] } : { text: 'made up' };
  // A number with the check digit of US-NPIs, for the identifiers that must have one.
  if (/identifier\.value$/.test(element.path)) return '1234567893';
  if (code === 'code' && element.path.endsWith('contentType')) return 'text/plain';
  if (code === 'code' && coding !== undefined) return coding.code;
  return structuredClone(primitives[code] ?? complex[code] ?? {});
}

/** elementdefinition-maxValueSet: what a code must be of whatever is preferred. */
function mostOf(element: ElementDefinition): string | undefined {
  const binding = element['binding'] as { extension?: { valueCanonical?: string }[] } | undefined;
  return binding?.extension?.[0]?.valueCanonical;
}

export function typeCode(element: ElementDefinition): string {
  const code = element.type?.[0]?.code ?? '';
  return code.startsWith('http://hl7.org/fhirpath/') ? 'string' : code;
}

function targetOf({ definitions }: Maker, element: ElementDefinition): string {
  const [profile = ''] = (element.type?.[0]?.['targetProfile'] as string[] | undefined) ?? [];
  const type = definitions.find('StructureDefinition', profile)?.['type'];
  return typeof type === 'string' && resourceTypes.has(type) ? type : 'Patient';
}

type Coding = { system?: string; code: string };

/** undefined: the codes cannot be listed here. */
export function firstCode(maker: Maker, canonical: string): Coding | undefined {
  try {
    for (const { system, code, abstract } of maker.terminology.valueSet(canonical)?.members() ??
      []) {
      if (!abstract) return system === undefined ? { code } : { system, code };
    }
  } catch (error) {
    if (!(error instanceof TerminologyRefused)) throw error;
  }
  return listed(maker, maker.terminology.definition('ValueSet', canonical));
}

/** A code the compose names, where its system is not held. */
function listed(maker: Maker, valueSet: JsonObject | undefined): Coding | undefined {
  const compose = valueSet?.['compose'] as { include?: Include[] } | undefined;
  const include = compose?.include?.[0];
  // All codes of a system that is not held: one that looks like SNOMED's is as good as another.
  if (include?.system !== undefined && !include.concept && !include.filter) {
    return { system: include.system, code: '266919005' };
  }
  for (const { system, concept, valueSet: imported } of compose?.include ?? []) {
    const below = imported?.[0] === undefined ? undefined : firstCode(maker, imported[0]);
    if (below !== undefined) return below;
    const [first] = concept ?? [];
    if (first !== undefined) return { ...(system === undefined ? {} : { system }), ...first };
  }
  return undefined;
}

type Include = { system?: string; concept?: { code: string }[]; valueSet?: string[]; filter?: [] };
