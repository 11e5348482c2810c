import { kinds, refuse } from '../../../platform/problem.ts';
import { JsonRefused, parseResourceJson, strangersCost } from '../../../standards/fhir/json.ts';
import type { JsonObject } from '../../../standards/fhir/json-object.ts';
import { applyFhirPathPatch } from '../../../standards/fhir/patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../../../standards/fhir/patch/json-patch.ts';
import { PatchRefused } from '../../../standards/fhir/patch/patch-refused.ts';
import { resourceFrom } from '../body.ts';
import { type FhirCall, one, requireJsonBody } from '../fhir-call.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';

/** A patch that was read; makes a new resource of the one it is given, or throws a Problem. */
export type Patch = (resource: Resource) => Resource;

const jsonPatch = /^application\/json-patch\+json(\s*;|\s*$)/i;

/** FHIR R4 http.html#patch: a JSON Patch (RFC 6902) or a FHIRPath Patch, by its content type. */
export function patchOf(call: Pick<FhirCall, 'headers' | 'body'>): Patch {
  const type = one(call.headers['content-type']) ?? '';
  if (jsonPatch.test(type)) return jsonPatchFrom(call.body);
  if (/^application\/xml-patch\+xml/i.test(type)) {
    refuse(kinds.mediaType, 'An XML Patch is not understood; send a JSON Patch or Parameters.');
  }
  requireJsonBody(call.headers);
  return fhirPathPatchFrom(resourceFrom(call.body));
}

/** FHIR R4 http.html#transaction: Parameters as they are, a JSON Patch as the data of a Binary. */
export function patchFrom(resource: Resource | undefined): Patch {
  if (resource?.resourceType !== 'Binary') return fhirPathPatchFrom(resource);
  const { contentType, data } = resource;
  if (typeof contentType !== 'string' || !jsonPatch.test(contentType)) {
    refuse(kinds.mediaType, 'The Binary of a PATCH is of the type application/json-patch+json.');
  }
  return jsonPatchFrom(Buffer.from(typeof data === 'string' ? data : '', 'base64'));
}

/** The JSON reader takes objects: the array travels in one, on the same line. */
function jsonPatchFrom(bytes: Buffer | undefined): Patch {
  const text = Buffer.concat([opening, bytes ?? Buffer.alloc(0), closing]);
  try {
    const { patch, ...more } = parseResourceJson(text, { maxCost: strangersCost });
    if (Object.keys(more).length > 0) refuse(recordKinds.notJson, notArray);
    return (resource) => applied(() => applyJsonPatch(resource, patch));
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    if (error.code === 'too-much') refuse(recordKinds.tooCostly, error.message);
    return refuse(recordKinds.notJson, notArray, { cause: error });
  }
}

const notArray = 'The JSON Patch is not valid JSON: one array of operations.';

const opening = Buffer.from('{"patch":');
const closing = Buffer.from('}');

function fhirPathPatchFrom(parameters: Resource | undefined): Patch {
  if (parameters?.resourceType !== 'Parameters') {
    refuse(recordKinds.mismatch, 'A FHIRPath Patch is a Parameters resource.');
  }
  return (resource) => applied(() => applyFhirPathPatch(resource, parameters));
}

/** FHIR R4 http.html#patch: what cannot be processed is 422; a patch that is none is 400. */
function applied(apply: () => JsonObject): Resource {
  try {
    return apply() as Resource;
  } catch (error) {
    if (!(error instanceof PatchRefused)) throw error;
    const { code, message } = error;
    const kind = code === 'structure' || code === 'required' ? recordKinds.badRequest : refused;
    return refuse(kind, message, { issues: [{ severity: 'error', code, text: message }] });
  }
}

const refused = recordKinds.patchRefused;
