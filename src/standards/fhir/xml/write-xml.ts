import { decimalText, isDecimal } from '../decimal.ts';
import { type ElementSchema, type ElementType, typeSchema } from '../definitions.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { escapeAttribute } from './escape.ts';
import { narrativeXml } from './narrative.ts';

/**
 * A resource as XML (R4 xml.html), elements in the order of the standard, decimals as written.
 * Expects what `checkStructure` finds no fault in; other properties are left out.
 */
export function resourceXml(resource: JsonObject): string {
  const written: string[] = ['<?xml version="1.0" encoding="UTF-8"?>'];
  writeResource(written, resource, ' xmlns="http://hl7.org/fhir"');
  return written.join('');
}

function writeResource(written: string[], resource: JsonObject, namespace = ''): void {
  const type = String(resource['resourceType']);
  if (typeSchema(type) === undefined) return;
  written.push(`<${type}${namespace}>`);
  writeElements(written, type, resource);
  written.push(`</${type}>`);
}

function writeElements(written: string[], type: string, object: JsonObject): void {
  for (const element of typeSchema(type)?.elements ?? []) {
    for (const one of element.types) {
      if (isAttribute(type, element)) continue;
      const value = object[one.json];
      const sibling = object[`_${one.json}`];
      if (value !== undefined || sibling !== undefined) writeElement(written, one, value, sibling);
    }
  }
}

/** xml.html: the id of an element and the url of an extension; a resource's id is an element. */
function isAttribute(type: string, { name }: ElementSchema): boolean {
  if (name === 'id') return typeSchema(type)?.kind !== 'resource';
  return name === 'url' && type === 'Extension';
}

function writeElement(written: string[], type: ElementType, value: unknown, sibling: unknown) {
  const values = Array.isArray(value) ? value : [value];
  const siblings = Array.isArray(sibling) ? sibling : [sibling];
  const count = Math.max(values.length, siblings.length);
  for (let index = 0; index < count; index++) {
    if (type.kind === 'primitive') writePrimitive(written, type, values[index], siblings[index]);
    else if (isJsonObject(values[index])) writeComplex(written, type, values[index]);
  }
}

function writePrimitive(written: string[], type: ElementType, value: unknown, sibling: unknown) {
  if (type.code === 'xhtml') {
    written.push(narrativeXml(String(value)));
    return;
  }
  const more = isJsonObject(sibling) ? sibling : {};
  const text = value === undefined || value === null ? undefined : primitiveText(value);
  const attribute = text === undefined ? '' : ` value="${escapeAttribute(text)}"`;
  written.push(`<${type.json}${idAttribute(more)}${attribute}`);
  if (more['extension'] === undefined) {
    written.push('/>');
    return;
  }
  written.push('>');
  writeElements(written, 'Element', more);
  written.push(`</${type.json}>`);
}

function primitiveText(value: unknown): string {
  return isDecimal(value) ? decimalText(value) : String(value);
}

function writeComplex(written: string[], type: ElementType, value: JsonObject): void {
  const isResource = type.code === 'Resource';
  const url = type.code === 'Extension' ? ` url="${escapeAttribute(String(value['url']))}"` : '';
  written.push(`<${type.json}${isResource ? '' : idAttribute(value)}${url}>`);
  if (isResource) writeResource(written, value);
  else writeElements(written, type.code, value);
  written.push(`</${type.json}>`);
}

function idAttribute(value: JsonObject): string {
  const { id } = value;
  return typeof id === 'string' ? ` id="${escapeAttribute(id)}"` : '';
}
