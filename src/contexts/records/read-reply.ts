import type { Reply } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { type FhirCall, one, versionHeaders } from './fhir-call.ts';
import { preferenceFrom } from './prefer.ts';
import type { Read } from './read.ts';
import { shaped } from './search/shape.ts';

type Shape = Parameters<typeof shaped>[0];

/** FHIR R4 http.html#parameters: `_elements` and `_summary` also of one record. */
export function shapeFrom(call: Pick<FhirCall, 'pairs' | 'headers'>): Shape | undefined {
  if (call.pairs.length === 0) return undefined;
  const elements: string[] = [];
  let summary: Shape['summary'] = 'false';
  for (const [name, value] of call.pairs) {
    if (name === '_elements') elements.push(...value.split(',').map((one) => one.trim()));
    else if (name === '_summary') summary = summaryFrom(value);
    else if (!faces.has(name) && !preferenceFrom(call.headers['prefer']).lenient) {
      refuse(kinds.badRequest, 'A read takes _elements, _summary, _format and _pretty.');
    }
  }
  return { elements: elements.filter((one) => one !== ''), summary };
}

const faces = new Set(['_format', '_pretty', '_asOf']);

function summaryFrom(value: string): Shape['summary'] {
  const known = (['true', 'text', 'data', 'false'] as const).find((one) => one === value);
  return known ?? refuse(kinds.badRequest, 'Of one record, _summary is true, text, data or false.');
}

/** FHIR R4 http.html#cread: 304 when the caller has this version already. */
export function readReply(
  { stored, rendered }: Read,
  call: FhirCall,
  shape: Shape | undefined,
): Reply {
  const headers = versionHeaders(stored.version, stored.updatedAt);
  if (isKnown(stored, call.headers)) return { status: 304, headers };
  const body = shape === undefined ? rendered.json : shaped(shape, { stored, json: rendered.json });
  return { status: 200, headers, body };
}

/** RFC 9110 section 13.2.2: If-None-Match decides when both are there. */
export function isKnown(
  { version, updatedAt }: Pick<Read['stored'], 'version' | 'updatedAt'>,
  headers: FhirCall['headers'],
): boolean {
  const known = one(headers['if-none-match']);
  if (known !== undefined) {
    const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    return tags.includes('*') || tags.includes(`"${version}"`);
  }
  const since = one(headers['if-modified-since']);
  // HTTP dates have no fraction of a second.
  return since !== undefined && Math.floor(updatedAt.getTime() / 1000) * 1000 <= Date.parse(since);
}
