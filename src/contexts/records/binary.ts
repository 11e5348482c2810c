import type { Reply } from '../../platform/http/route.ts';
import { refuse } from '../../platform/problem.ts';
import { parseResourceJson } from '../../standards/fhir/json.ts';
import { isJsonObject } from '../../standards/fhir/json-object.ts';
import { requireStructure } from './body.ts';
import { type FhirCall, one, speaksFhir, versionHeaders } from './fhir-call.ts';
import type { Resource } from './prepare.ts';
import { recordKinds } from './problems.ts';
import type { Read } from './read.ts';

/** R4 binary.html#rest: a body of any type but FHIR's own is the content of the Binary. */
export function binaryFrom(call: FhirCall, type: string): Resource | undefined {
  const contentType = one(call.headers['content-type']);
  if (type !== 'Binary' || contentType === undefined || isFhirType(contentType)) return undefined;
  const context = one(call.headers['x-security-context']);
  const resource = {
    ...{ resourceType: 'Binary', contentType, data: call.body.toString('base64') },
    ...(call.params['id'] === undefined ? {} : { id: call.params['id'] }),
    ...(context === undefined ? {} : { securityContext: { reference: context } }),
  };
  requireStructure(resource);
  return resource;
}

const isFhirType = (type: string) =>
  /^\s*(application\/((fhir\+)?(json|xml)|(json|xml)\+fhir)|text\/(json|xml))\s*(;|$)/i.test(type);

/** Whether what is asked for is the content of a Binary, not the resource. */
export function asksContent(call: FhirCall, type: string): boolean {
  return type === 'Binary' && !speaksFhir(call.headers, call.pairs) && !named(call, '_format');
}

const named = ({ pairs }: FhirCall, wanted: string) => pairs.some(([name]) => name === wanted);

/**
 * R4 binary.html#rest: under Accept of another type, the content as the type it says it is. A
 * browser keeps it as a file: shown as a page of ours it could act as one.
 */
export function contentReply({ stored, rendered }: Read): Reply {
  const resource: unknown = parseResourceJson(rendered.json, { maxDepth: 1000 });
  const { contentType, data } = isJsonObject(resource) ? resource : {};
  if (typeof contentType !== 'string' || !/^[\w.+-]+\/[\w.+-]+(\s*;[ -~]*)?$/.test(contentType)) {
    return refuse(recordKinds.notAcceptable, 'This Binary has no content type: read it as FHIR.');
  }
  const headers = {
    ...versionHeaders(stored.version, stored.updatedAt),
    ...{ 'content-type': contentType, 'content-disposition': 'attachment' },
    'content-security-policy': "default-src 'none'; sandbox",
  };
  const body = Buffer.from(typeof data === 'string' ? data : '', 'base64');
  return { status: 200, headers, body };
}
