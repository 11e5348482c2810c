import { resourceTypes } from './definitions.ts';
import { isResourceId } from './primitive.ts';

export { isResourceId } from './primitive.ts';
export { eachReference, eachUri, type Place, type Reference } from './reference-walk.ts';

/**
 * What a Reference.reference says (R4 references.html#literal, http.html#trules for the conditional
 * one).
 */
export type ParsedReference =
  | { kind: 'relative'; type: string; id: string; version?: string }
  | { kind: 'absolute'; url: string; type?: string; id?: string }
  | { kind: 'urn'; urn: string }
  | { kind: 'fragment'; id: string }
  | { kind: 'conditional'; type: string; query: string };

const urnPattern = /^urn:[A-Za-z0-9][A-Za-z0-9-]*:\S+$/;
const absolutePattern = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/\S+$/;
const restfulTail =
  /\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Undefined for a text that is no reference. */
export function parseReference(text: string): ParsedReference | undefined {
  if (text.startsWith('#')) return { kind: 'fragment', id: text.slice(1) };
  if (text.startsWith('urn:'))
    return urnPattern.test(text) ? { kind: 'urn', urn: text } : undefined;
  if (text.includes('://')) return absolute(text);
  const question = text.indexOf('?');
  if (question < 0) return relative(text);
  const type = text.slice(0, question);
  if (!resourceTypes.has(type)) return undefined;
  return { kind: 'conditional', type, query: text.slice(question + 1) };
}

function relative(text: string): ParsedReference | undefined {
  const [type = '', id = '', history, version = '', ...more] = text.split('/', 5);
  if (!resourceTypes.has(type) || !isResourceId(id)) return undefined;
  if (history === undefined) return { kind: 'relative', type, id };
  if (history !== '_history' || !isResourceId(version) || more.length) return undefined;
  return { kind: 'relative', type, id, version };
}

function absolute(url: string): ParsedReference | undefined {
  // Conditional references look like 'Patient?identifier=http://…|1': their '://' is in the query.
  const question = url.indexOf('?');
  if (question > 0 && resourceTypes.has(url.slice(0, question))) {
    return { kind: 'conditional', type: url.slice(0, question), query: url.slice(question + 1) };
  }
  if (!absolutePattern.test(url)) return undefined;
  const [, type = '', id = ''] = restfulTail.exec(url.slice(-300)) ?? [];
  return resourceTypes.has(type) ? { kind: 'absolute', url, type, id } : { kind: 'absolute', url };
}
