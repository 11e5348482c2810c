import type { JsonObject } from '../../standards/fhir/json-object.ts';

/** One parameter of an answer; undefined ones are left out. */
export type Out = JsonObject | undefined;

/** R4 parameters.html. */
export function parameters(...list: Out[]): JsonObject {
  return { resourceType: 'Parameters', parameter: list.filter((one) => one !== undefined) };
}

/** A value under its type's name: `out('display', 'String', …)`; without a value nothing. */
export function out(name: string, type: string, value: unknown): Out {
  return value === undefined ? undefined : { name, [`value${type}`]: value };
}

export function parts(name: string, ...part: Out[]): JsonObject {
  return { name, part: part.filter((one) => one !== undefined) };
}
