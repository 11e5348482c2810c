import type { JsonObject } from '../json-object.ts';
import { isObject } from './fault.ts';
import type { Walk } from './walk.ts';

/** per-1: the end is not before the start, as far as their precision tells. */
export function inOrder(_: Walk, start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true;
  if (start.length > 10 && end.length > 10) {
    const [from, to] = [Date.parse(start), Date.parse(end)];
    return Number.isNaN(from) || Number.isNaN(to) || from <= to;
  }
  const shared = Math.min(start.length, end.length, 10);
  return start.slice(0, shared) <= end.slice(0, shared);
}

/**
 * obs-7: where the Observation has a value, no component has a code of the Observation's own.
 * Called when it has both.
 */
export function obs7(_: Walk, observation: JsonObject): boolean {
  const own = new Set(codings(observation['code']));
  if (own.size === 0) return true;
  const { component } = observation;
  if (!Array.isArray(component)) return true;
  return !component.some((one) => isObject(one) && codings(one['code']).some((c) => own.has(c)));
}

/** Codings as text, equal when the codings are. */
function codings(concept: unknown): string[] {
  if (!isObject(concept) || !Array.isArray(concept['coding'])) return [];
  return concept['coding'].map((one) =>
    isObject(one) ? JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : '',
  );
}

/** R4 datatypes-definitions.html#Attachment.size: of the data, before they became base64. */
export function attachment(walk: Walk, { data, size }: JsonObject, depth: number): void {
  if (typeof data !== 'string' || typeof size !== 'number') return;
  const length = base64Length(data);
  if (length !== undefined && length !== size) {
    walk.error('structure', depth, 'Attachment.size: expected the number of bytes that data has.');
  }
}

/** Bytes behind a base64 text; undefined when it is none. Linear, without decoding. */
function base64Length(text: string): number | undefined {
  let characters = 0;
  let padding = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char <= 32) continue;
    characters++;
    if (char === 61) padding++;
  }
  return characters % 4 === 0 ? (characters / 4) * 3 - padding : undefined;
}
