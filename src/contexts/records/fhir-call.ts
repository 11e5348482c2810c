import { type TSchema, Type } from 'typebox';
import type { fhirRoute } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { requireType } from './body.ts';
import type { Precondition } from './change.ts';
import type { Criteria } from './conditional.ts';
import { recordKinds } from './problems.ts';
import { versionTags } from './version-tag.ts';

/** What FHIR paths answer, for the OpenAPI document. */
export const fhirReplies: Readonly<Record<number, TSchema>> = {
  200: Type.Object({ resourceType: Type.String() }, { description: 'A FHIR R4 resource' }),
  401: Type.Object({}, { description: 'No valid bearer token' }),
  403: Type.Object({}, { description: 'Not allowed by policy' }),
  404: Type.Object({}, { description: 'Not known' }),
};

export type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** FHIR R4 http.html#mime-type: JSON and XML; what we cannot speak is said, not guessed. */
export function requireJsonFace(headers: Headers, pairs: readonly (readonly [string, string])[]) {
  if (speaksFhir(headers, pairs)) return;
  refuse(
    recordKinds.notAcceptable,
    'Only application/fhir+json and application/fhir+xml, fhirVersion 4.0, are spoken here.',
  );
}

/** Whether `_format`, or one of what Accept lists, is spoken here. */
export function speaksFhir(
  headers: Headers,
  pairs: readonly (readonly [string, string])[],
): boolean {
  const format = pairs.find(([name]) => name === '_format')?.[1];
  const accept = format ?? headers['accept'];
  const text = Array.isArray(accept) ? accept.join(',') : (accept ?? '');
  if (text === '') return true;
  return text
    .split(',')
    .some((range) => /json|xml|\*\/\*|application\/\*|text\/html/i.test(range) && isR4(range));
}

/** FHIR R4 http.html#version-parameter: of a media type; without it, any version will do. */
function isR4(type: string): boolean {
  const version = /;\s*fhirVersion\s*=\s*"?([^\s;,"]*)/i.exec(type)?.[1];
  return version === undefined || version === '4.0' || version === '4.0.1';
}

export function requireJsonBody(headers: Headers): void {
  const type = headers['content-type'];
  if (
    typeof type === 'string' &&
    /^application\/(fhir\+json|json(\+fhir)?)(\s*;|\s*$)/i.test(type)
  ) {
    if (!isR4(type)) refuse(kinds.mediaType, 'Send the resource as of fhirVersion 4.0.');
    const charset = /charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1];
    if (charset === undefined || /^utf-?8$/i.test(charset)) return;
    refuse(kinds.mediaType, 'FHIR JSON is UTF-8.');
  }
  refuse(kinds.mediaType, 'Send the resource as application/fhir+json.');
}

/** R4 provenance.html#header is the server's choice: that it is not kept is said (RFC 7234 299). */
export function provenanceWarning(headers: Headers): Record<string, string> {
  if (headers['x-provenance'] === undefined) return {};
  const text = 'X-Provenance was not kept: send the Provenance in a transaction.';
  return { warning: `299 - "${text}"` };
}

/** `W/"3"` of a header, as the versions it names. */
export function preconditionOf(headers: Headers): Precondition {
  if (headers['if-match'] === undefined && headers['if-none-match'] === undefined) return {};
  return {
    ifMatch: versionTags(one(headers['if-match']), 'If-Match'),
    ifNoneMatch: versionTags(one(headers['if-none-match']), 'If-None-Match'),
  };
}

/** Criteria of a conditional interaction: the query without what is about the answer. */
export function criteriaFrom(call: Pick<FhirCall, 'params' | 'pairs'>): Criteria {
  const type = requireType(call.params['type'] ?? '');
  const asked = call.pairs.filter(([name]) => name !== '_format' && name !== '_pretty');
  const query = new URLSearchParams();
  for (const [name, value] of asked) query.append(name, value);
  return { type, query: query.toString() };
}

export function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** FHIR R4 http.html#versioning: the version as a weak ETag. */
export function versionHeaders(version: number, updatedAt: Date): Record<string, string> {
  return { etag: `W/"${version}"`, 'last-modified': updatedAt.toUTCString() };
}
