import { fhirRoute, type Reply, type Route } from '../../platform/http/route.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { guarded } from './allow.ts';
import { requireId, requireType, resourceFrom } from './body.ts';
import { versionFrom } from './bundle/entry.ts';
import { fhirReplies, one, requireJsonBody, requireJsonFace, versionHeaders } from './fhir-call.ts';
import { createRecord, deleteRecord, type Outcome, updateRecord } from './interaction.ts';
import { type Preference, preferenceFrom } from './prefer.ts';
import { recordKinds } from './problems.ts';
import { type Read, readRecord, readVersion } from './read.ts';
import type { Store } from './store.ts';

const tag = 'FHIR records';

/** create, read, vread, update, delete. */
export function interactionRoutes(store: Store): Route[] {
  return [readRoute(store), vreadRoute(store), createRoute(store), ...changeRoutes(store)];
}

function readRoute(store: Store): Route {
  const summary = 'Read the current version of a record';
  const path = '/fhir/:type/:id';
  return fhirRoute({ method: 'GET', path, summary, tag, replies: fhirReplies }, async (call) => {
    requireJsonFace(call.headers, call.pairs);
    const asked = { store, caller: call.caller, ...named(call.params) };
    const read = await guarded(store, call.caller, () => readRecord(asked));
    return readReply(read, call.headers);
  });
}

function vreadRoute(store: Store): Route {
  const summary = 'Read one version of a record';
  const path = '/fhir/:type/:id/_history/:version';
  return fhirRoute({ method: 'GET', path, summary, tag, replies: fhirReplies }, async (call) => {
    requireJsonFace(call.headers, call.pairs);
    const version = /^\d{1,9}$/.test(call.params['version'] ?? '')
      ? Number(call.params['version'])
      : refuse(recordKinds.notFound, 'No such version: versions are numbers from 1.');
    const asked = { store, caller: call.caller, ...named(call.params), version };
    return readReply(await guarded(store, call.caller, () => readVersion(asked)), {});
  });
}

/** FHIR R4 http.html#cread: 304 when the caller has this version already. */
function readReply(read: Read, headers: Readonly<Record<string, string | string[] | undefined>>) {
  const { stored, rendered } = read;
  const version = versionHeaders(stored.version, stored.updatedAt);
  const known = one(headers['if-none-match']);
  const since = one(headers['if-modified-since']);
  const sameTag = known?.split(',').some((tag) => tag.trim() === version['etag']) === true;
  const at = since === undefined || known !== undefined ? Number.NaN : Date.parse(since);
  const unmodified = Math.floor(stored.updatedAt.getTime() / 1000) * 1000 <= at;
  if (sameTag || unmodified) return { status: 304, headers: version } satisfies Reply;
  return { status: 200, headers: version, body: rendered.json } satisfies Reply;
}

function createRoute(store: Store): Route {
  const summary = 'Create a record; conditionally with If-None-Exist';
  const path = '/fhir/:type';
  const replies = { ...fhirReplies, 201: fhirReplies[200] ?? {} };
  return fhirRoute({ method: 'POST', path, summary, tag, replies }, async (call) => {
    requireJsonFace(call.headers, call.pairs);
    const type = requireType(call.params['type'] ?? '');
    requireJsonBody(call.headers);
    const resource = resourceFrom(call.body);
    if (resource.resourceType !== type) {
      refuse(recordKinds.mismatch, `The path is for ${type}, the body is another type.`);
    }
    const ifNoneExist = one(call.headers['if-none-exist']);
    const outcome = await createRecord({ store, caller: call.caller }, resource, ifNoneExist);
    return writeReply(store, call.caller, outcome, preferenceFrom(call.headers['prefer']));
  });
}

function changeRoutes(store: Store): Route[] {
  const path = '/fhir/:type/:id';
  const replies = { ...fhirReplies, 201: fhirReplies[200] ?? {} };
  const update = { method: 'PUT', path, summary: 'Update a record', tag, replies } as const;
  const remove = { method: 'DELETE', path, summary: 'Delete a record', tag, replies } as const;
  return [
    fhirRoute(update, async (call) => {
      requireJsonFace(call.headers, call.pairs);
      const target = named(call.params);
      requireJsonBody(call.headers);
      const resource = resourceFrom(call.body);
      const asked = { store, caller: call.caller, ...target, ...matchOf(call.headers) };
      const outcome = await updateRecord(asked, resource);
      return writeReply(store, call.caller, outcome, preferenceFrom(call.headers['prefer']));
    }),
    fhirRoute(remove, async (call) => {
      const asked = { store, caller: call.caller, ...named(call.params) };
      const { applied } = await deleteRecord({ ...asked, ...matchOf(call.headers) });
      const { version } = applied;
      return version === undefined
        ? { status: 204 }
        : { status: 204, headers: { etag: `W/"${version}"` } };
    }),
  ];
}

function named(params: Record<string, string>): { type: string; id: string } {
  return { type: requireType(params['type'] ?? ''), id: requireId(params['id'] ?? '') };
}

function matchOf(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const ifMatch = versionFrom(one(headers['if-match']), 'If-Match');
  return ifMatch === undefined ? {} : { ifMatch };
}

/** FHIR R4 http.html#create, #update: Location names the version that now is. */
async function writeReply(
  store: Store,
  caller: Caller,
  outcome: Outcome,
  preference: Preference,
): Promise<Reply> {
  const { type, id, version = 1, updatedAt } = outcome.applied;
  const location = `${store.baseUrl}/${type}/${id}/_history/${version}`;
  const headers = { location, ...versionHeaders(version, updatedAt) };
  const { status } = outcome;
  if (preference.return === 'minimal') return { status, headers };
  if (preference.return === 'OperationOutcome') return { status, headers, body: allWell(status) };
  if (outcome.json !== undefined) return { status, headers, body: outcome.json };
  // A conditional create that changed nothing shows what is there, under the rules of a read.
  const read = await guarded(store, caller, () => readRecord({ store, caller, type, id }));
  return { status, headers, body: read.rendered.json };
}

function allWell(status: number) {
  const text = status === 201 ? 'Created.' : 'Done.';
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', diagnostics: text }],
  };
}
