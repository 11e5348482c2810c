import { type TSchema, Type } from 'typebox';
import { kinds, refuse } from '../../platform/problem.ts';
import { recordKinds } from './problems.ts';

/** What FHIR paths answer, for the OpenAPI document. */
export const fhirReplies: Readonly<Record<number, TSchema>> = {
  200: Type.Object({ resourceType: Type.String() }, { description: 'A FHIR R4 resource' }),
  401: Type.Object({}, { description: 'No valid bearer token' }),
  403: Type.Object({}, { description: 'Not allowed by policy' }),
  404: Type.Object({}, { description: 'Not known' }),
};

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** FHIR R4 http.html#mime-type: JSON in and out; what we cannot speak is said, not guessed. */
export function requireJsonFace(headers: Headers, pairs: readonly (readonly [string, string])[]) {
  const format = pairs.find(([name]) => name === '_format')?.[1];
  const accept = format ?? headers['accept'];
  const text = Array.isArray(accept) ? accept.join(',') : (accept ?? '*/*');
  if (text === '' || /json|\*\/\*|application\/\*|text\/html/i.test(text)) return;
  refuse(recordKinds.notAcceptable, 'Only application/fhir+json is spoken here.');
}

export function requireJsonBody(headers: Headers): void {
  const type = headers['content-type'];
  if (
    typeof type === 'string' &&
    /^application\/(fhir\+json|json(\+fhir)?|json-patch\+json)\b/.test(type)
  ) {
    const charset = /charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1];
    if (charset === undefined || /^utf-?8$/i.test(charset)) return;
    refuse(kinds.mediaType, 'FHIR JSON is UTF-8.');
  }
  refuse(kinds.mediaType, 'Send the resource as application/fhir+json.');
}

export function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** FHIR R4 http.html#versioning: the version as a weak ETag. */
export function versionHeaders(version: number, updatedAt: Date): Record<string, string> {
  return { etag: `W/"${version}"`, 'last-modified': updatedAt.toUTCString() };
}
