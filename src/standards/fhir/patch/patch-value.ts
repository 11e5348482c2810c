import { baseType, type ElementSchema, type ElementType, typeSchema } from '../definitions.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { type CopyBudget, copyJson } from './json-value.ts';
import { PatchRefused } from './patch-refused.ts';
import { appendToList, type Content, writeElement } from './place.ts';

/** What an operation gives, and the JSON property it belongs into: valueQuantity for value[x]. */
export type PatchValue = Content & { key: string };

export type ValueContext = { operation: number; budget: CopyBudget };

/** The element of that FHIRPath name in a type. */
export function elementOf(type: string, name: string, operation: number): ElementSchema {
  const plain = name.endsWith('[x]') ? name.slice(0, -3) : name;
  const element = typeSchema(type)?.elements.find((one) => one.name === plain);
  if (element) return element;
  throw new PatchRefused('value', 'R4 has no element of this name there.', operation);
}

/**
 * Reads a `value` part for an element (R4 fhirpatch.html): value[x], a resource, or the parts of an
 * element whose type has no name of its own, such as Patient.contact.
 *
 * @throws {PatchRefused} when there is no value, or it is of a type the element does not take.
 */
export function readValue(
  part: JsonObject,
  element: ElementSchema,
  context: ValueContext,
): PatchValue {
  const given = givenType(part, context);
  if (given === 'part') return { ...anonymous(part, element, context), sibling: undefined };
  if (given === 'resource') {
    const type = element.types.find(({ code }) => code === 'Resource');
    if (!type) throw wrongType(context);
    return {
      key: type.json,
      value: copyJson(part['resource'], context.budget),
      sibling: undefined,
    };
  }
  const type = element.types.find(({ code }) => takes(code, given, element.choice));
  if (!type) throw wrongType(context);
  const json = `value${given[0]?.toUpperCase()}${given.slice(1)}`;
  const value = copyJson(part[json], context.budget);
  const sibling = copyJson(part[`_${json}`], context.budget);
  checkKind(type, value, context);
  return { key: type.json, value, sibling };
}

function wrongType({ operation }: ValueContext): PatchRefused {
  return new PatchRefused('value', 'the value is not of a type this element takes.', operation);
}

/** Which of value[x] is given: its type's name, or resource, or part. */
function givenType(part: JsonObject, { operation }: ValueContext): string {
  const types = typeSchema('Parameters.parameter')?.elements.find(({ choice }) => choice)?.types;
  const given = (types ?? [])
    .filter(({ json }) => part[json] !== undefined || part[`_${json}`] !== undefined)
    .map(({ code }) => code);
  if (part['resource'] !== undefined) given.push('resource');
  if (part['part'] !== undefined) given.push('part');
  const [only] = given;
  if (only === undefined) throw new PatchRefused('required', 'its value is missing.', operation);
  if (given.length > 1) {
    throw new PatchRefused('structure', 'it has more than one value.', operation);
  }
  return only;
}

/**
 * R4 wants the right type. A type derived from it, or that it derives from, is written alike: a
 * string for a code, a date for a dateTime; only in a choice the type is part of the meaning.
 */
function takes(code: string, given: string, choice: boolean): boolean {
  if (code === given) return true;
  if (choice) return false;
  if (derives(given, code) || derives(code, given)) return true;
  if (given === 'string') return writtenAsString.has(code);
  return given === 'date' && code === 'dateTime';
}

/** The narrative has no value[x] of its own; the others are often sent as strings. */
const writtenAsString = new Set(['xhtml', 'uri', 'url', 'canonical', 'oid', 'uuid']);

function derives(type: string, from: string): boolean {
  for (let at = baseType(type); at !== undefined; at = baseType(at)) {
    if (at === from) return from !== 'Element' && from !== 'BackboneElement';
  }
  return false;
}

/** A primitive is no object and no array; the rest is for the check of the whole resource. */
function checkKind({ kind }: ElementType, value: unknown, context: ValueContext): void {
  const primitive = kind === 'primitive';
  if (Array.isArray(value) || (value !== undefined && isJsonObject(value) === primitive)) {
    throw wrongType(context);
  }
}

function anonymous(
  part: JsonObject,
  element: ElementSchema,
  context: ValueContext,
): { key: string; value: JsonObject } {
  const [type] = element.types;
  if (!type || element.choice || type.kind === 'primitive') throw wrongType(context);
  return { key: type.json, value: fromParts(part['part'], type.code, context) };
}

/** The object that named parts make; parts of one name make a list where the element repeats. */
function fromParts(parts: unknown, type: string, context: ValueContext): JsonObject {
  const { operation } = context;
  if (!Array.isArray(parts)) throw new PatchRefused('structure', 'part is no array.', operation);
  const out: JsonObject = {};
  for (const part of parts) {
    if (!isJsonObject(part) || typeof part['name'] !== 'string') {
      throw new PatchRefused('required', 'a part of its value has no name.', operation);
    }
    const element = elementOf(type, part['name'], operation);
    const { key, ...content } = readValue(part, element, context);
    if (element.repeats) appendToList(out, key, content);
    else if (isThere(out, element)) {
      throw new PatchRefused('structure', 'a part stands twice that may be there once.', operation);
    } else writeElement(out, key, content);
  }
  return out;
}

/** Whether an object has an element, as any of the types it may have. */
export function isThere(holder: JsonObject, { types }: ElementSchema): boolean {
  return types.some(({ json }) => Object.hasOwn(holder, json) || Object.hasOwn(holder, `_${json}`));
}
