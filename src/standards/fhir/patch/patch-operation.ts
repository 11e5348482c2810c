import { isJsonObject, type JsonObject } from '../json-object.ts';
import { maxOperations, PatchRefused } from './patch-refused.ts';

/** One operation of a FHIRPath Patch; `value` is its part as it stands. */
export type Operation =
  | { type: 'add'; path: string; name: string; value: JsonObject }
  | { type: 'insert'; path: string; index: number; value: JsonObject }
  | { type: 'replace'; path: string; value: JsonObject }
  | { type: 'delete'; path: string }
  | { type: 'move'; path: string; source: number; destination: number };

/**
 * The operations of a FHIRPath Patch, a Parameters resource (R4 fhirpatch.html).
 *
 * @throws {PatchRefused} for what is no such Parameters, and for over a thousand operations.
 */
export function readOperations(patch: unknown): Operation[] {
  if (!isJsonObject(patch) || patch['resourceType'] !== 'Parameters') {
    throw new PatchRefused('structure', 'A FHIRPath Patch is a Parameters resource.');
  }
  const parameters = patch['parameter'] ?? [];
  if (!Array.isArray(parameters)) throw new PatchRefused('structure', 'parameter is no array.');
  if (parameters.length > maxOperations) {
    throw new PatchRefused('too-costly', `A patch has at most ${maxOperations} operations.`);
  }
  return parameters.map((parameter: unknown, at) => readOperation(parameter, at));
}

const partNames = new Set(['type', 'path', 'name', 'value', 'index', 'source', 'destination']);

type Parts = { byName: ReadonlyMap<string, JsonObject>; at: number };

function readOperation(parameter: unknown, at: number): Operation {
  if (!isJsonObject(parameter) || parameter['name'] !== 'operation') {
    throw new PatchRefused('structure', "the parameter's name is 'operation'.", at);
  }
  const parts = partsOf(parameter['part'], at);
  const type = text(parts, 'type');
  const path = text(parts, 'path');
  switch (type) {
    case 'add':
      return { type, path, name: text(parts, 'name'), value: required(parts, 'value') };
    case 'insert':
      return { type, path, index: integer(parts, 'index'), value: required(parts, 'value') };
    case 'replace':
      return { type, path, value: required(parts, 'value') };
    case 'delete':
      return { type, path };
    case 'move': {
      const source = integer(parts, 'source');
      return { type, path, source, destination: integer(parts, 'destination') };
    }
    default:
      throw new PatchRefused('value', 'type is add, insert, delete, replace or move.', at);
  }
}

function partsOf(parts: unknown, at: number): Parts {
  const byName = new Map<string, JsonObject>();
  if (!Array.isArray(parts)) throw new PatchRefused('required', 'it has no parts.', at);
  for (const part of parts) {
    const name = isJsonObject(part) ? part['name'] : undefined;
    if (!isJsonObject(part) || typeof name !== 'string' || !partNames.has(name)) {
      const known = [...partNames].join(', ');
      throw new PatchRefused('structure', `its parts are named ${known}.`, at);
    }
    if (byName.has(name)) throw new PatchRefused('structure', `${name} stands twice.`, at);
    byName.set(name, part);
  }
  return { byName, at };
}

function required({ byName, at }: Parts, name: string): JsonObject {
  const part = byName.get(name);
  if (part) return part;
  throw new PatchRefused('required', `${name} is missing.`, at);
}

/** A code may be sent as a string, and a string as a code: both are only names here. */
function text(parts: Parts, name: string): string {
  const part = required(parts, name);
  const value = part['valueString'] ?? part['valueCode'];
  if (typeof value === 'string') return value;
  throw new PatchRefused('value', `${name} is a string or code.`, parts.at);
}

function integer(parts: Parts, name: string): number {
  const part = required(parts, name);
  const value = part['valueInteger'] ?? part['valueUnsignedInt'] ?? part['valuePositiveInt'];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PatchRefused('value', `${name} is an integer from 0.`, parts.at);
}
