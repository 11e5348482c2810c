import type { JsonObject } from '../json-object.ts';
import { isObject } from './fault.ts';

/** Tells a fault at an entry of the Bundle, or at the Bundle as a whole. */
export type Tell = (code: 'invalid' | 'invariant' | 'required', text: string, at?: number) => void;

/** What is no object counts as one with nothing in it. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Of the entry's resource. */
export function resourceType(entry: JsonObject | undefined): unknown {
  return asObject(entry?.['resource'])['resourceType'];
}
