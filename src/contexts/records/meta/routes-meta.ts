import { fhirRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { isJsonObject, type JsonObject } from '../../../standards/fhir/json-object.ts';
import { guarded } from '../allow.ts';
import { resourceFrom } from '../body.ts';
import {
  type FhirCall,
  fhirReplies,
  preconditionOf,
  requireJsonBody,
  requireJsonFace,
  versionHeaders,
} from '../fhir-call.ts';
import { patchRecord } from '../patch/patch-change.ts';
import { recordKinds } from '../problems.ts';
import { readRecord } from '../read.ts';
import { named } from '../routes-read.ts';
import type { Store } from '../store.ts';
import { withMeta, withoutMeta } from './change-meta.ts';

const path = '/fhir/:type/:id/$meta';

/**
 * R4 resource-operation-meta.html: labels, profiles and tags of a record, told, added, taken away.
 * A change is a new version, because a version never changes.
 */
export function metaRoutes(store: Store): Route[] {
  const tell = 'Labels, profiles and tags of a record';
  const add = 'Add labels, profiles and tags';
  const remove = 'Take labels, profiles and tags away';
  return [
    // R4 operations.html: POST may always be used.
    fhirRoute(spec('GET', path, tell), (call) => told(store, call)),
    fhirRoute(spec('POST', path, tell), (call) => told(store, call)),
    fhirRoute(spec('POST', `${path}-add`, add), (call) => change(store, call, withMeta)),
    fhirRoute(spec('POST', `${path}-delete`, remove), (call) => change(store, call, withoutMeta)),
  ];
}

function spec(method: 'GET' | 'POST', at: string, summary: string) {
  return { method, path: at, summary, tag: 'FHIR operations', replies: fhirReplies };
}

async function told(store: Store, call: FhirCall): Promise<Reply> {
  requireJsonFace(call.headers, call.pairs);
  const asked = { store, caller: call.caller, ...named(call.params) };
  const { stored, rendered } = await guarded(store, call.caller, () => readRecord(asked));
  return reply(rendered.json, versionHeaders(stored.version, stored.updatedAt));
}

async function change(store: Store, call: FhirCall, how: typeof withMeta): Promise<Reply> {
  requireJsonFace(call.headers, call.pairs);
  requireJsonBody(call.headers);
  const target = named(call.params);
  const given = metaFrom(resourceFrom(call.body));
  const { json, applied } = await patchRecord({
    ...{ store, caller: call.caller, ...target, ...preconditionOf(call.headers) },
    patch: (resource) => how(resource, given),
  });
  if (json === undefined) throw new Error('a change without its record');
  return reply(json, versionHeaders(applied.version ?? 1, applied.updatedAt));
}

function metaFrom(parameters: JsonObject): JsonObject {
  const all = parameters['parameter'];
  const one = (Array.isArray(all) ? all : []).find(
    (part: unknown) => isJsonObject(part) && part['name'] === 'meta',
  ) as JsonObject | undefined;
  const meta = one?.['valueMeta'];
  if (parameters['resourceType'] === 'Parameters' && isJsonObject(meta)) return meta;
  return refuse(recordKinds.mismatch, 'Send Parameters with one meta, a valueMeta.');
}

function reply(json: Buffer, headers: Record<string, string>): Reply {
  const { meta } = parseResourceJson(json, { maxDepth: 1000 });
  const parameter = [{ name: 'return', valueMeta: meta }];
  return { status: 200, headers, body: { resourceType: 'Parameters', parameter } };
}
