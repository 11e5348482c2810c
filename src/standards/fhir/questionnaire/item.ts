import { isJsonObject, type JsonObject } from '../json-object.ts';

/** Elements of a list that are objects; anything else there is told by the structural check. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** `value[x]` of an element: its type as the key says it (`Coding`, `Date`), and the value. */
export type Value = { readonly type: string; readonly value: unknown };

export function choiceValue(element: JsonObject): Value | undefined {
  for (const [key, value] of Object.entries(element)) {
    if (key.startsWith('value') && key.length > 5) return { type: key.slice(5), value };
  }
  return undefined;
}

const core = 'http://hl7.org/fhir/StructureDefinition/';
const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/';

/** Extensions that say more of an item (R4 questionnaire-profiles.html), by what they say. */
const urls = {
  minLength: `${core}minLength`,
  minValue: `${core}minValue`,
  maxValue: `${core}maxValue`,
  minQuantity: `${sdc}sdc-questionnaire-minQuantity`,
  maxQuantity: `${sdc}sdc-questionnaire-maxQuantity`,
  regex: `${core}regex`,
  decimalPlaces: `${core}maxDecimalPlaces`,
  maxSize: `${core}maxSize`,
  mimeType: `${core}mimeType`,
  minOccurs: `${core}questionnaire-minOccurs`,
  maxOccurs: `${core}questionnaire-maxOccurs`,
  referenceResource: `${core}questionnaire-referenceResource`,
  optionExclusive: `${core}questionnaire-optionExclusive`,
} as const;

/** Values of an extension of the item, in order. */
export function said(item: JsonObject, name: keyof typeof urls): Value[] {
  return objectsIn(item['extension'])
    .filter(({ url }) => url === urls[name])
    .flatMap((extension) => choiceValue(extension) ?? []);
}

/** The one number an extension gives. */
export function numberSaid(item: JsonObject, name: keyof typeof urls): number | undefined {
  const [first] = said(item, name);
  const value = JSON.isRawJSON(first?.value) ? Number(first.value.rawJSON) : first?.value;
  return typeof value === 'number' ? value : undefined;
}
