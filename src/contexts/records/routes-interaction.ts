import { fhirRoute, type Reply, type Route } from '../../platform/http/route.ts';
import { guarded } from './allow.ts';
import { requireSameType, requireType, resourceFrom } from './body.ts';
import { deleteWhere, updateWhere } from './conditional-change.ts';
import {
  criteriaFrom,
  type FhirCall,
  fhirReplies,
  one,
  preconditionOf,
  requireJsonBody,
  requireJsonFace,
} from './fhir-call.ts';
import { once } from './idempotency/once.ts';
import {
  type Asked,
  createRecord,
  createUnlessThere,
  deleteRecord,
  type Outcome,
  updateRecord,
} from './interaction.ts';
import { type Preference, preferenceFrom } from './prefer.ts';
import { readVersion } from './read.ts';
import { named } from './routes-read.ts';
import type { Store } from './store.ts';
import { writeReply } from './write-reply.ts';

const tag = 'FHIR records';
const replies = { ...fhirReplies, 201: fhirReplies[200] ?? {} };

/** create, update, delete, each also by criteria. */
export function interactionRoutes(store: Store): Route[] {
  return [createRoute(store), ...updateRoutes(store), ...deleteRoutes(store)];
}

function createRoute(store: Store): Route {
  const summary = 'Create a record; conditionally with If-None-Exist';
  return writeRoute(store, 'POST', '/fhir/:type', summary, async (call, asked) => {
    const type = requireType(call.params['type'] ?? '');
    requireJsonBody(call.headers);
    const resource = resourceFrom(call.body);
    requireSameType(resource, type);
    const ifNoneExist = one(call.headers['if-none-exist']);
    if (ifNoneExist === undefined) return createRecord(asked, resource);
    const shown = showsRecord(asked.preference);
    return createUnlessThere({ ...asked, ifNoneExist, shown }, resource);
  });
}

function updateRoutes(store: Store): Route[] {
  const where = 'Update the one record that matches, or create it';
  return [
    writeRoute(store, 'PUT', '/fhir/:type/:id', 'Update a record', async (call, asked) => {
      const target = named(call.params);
      requireJsonBody(call.headers);
      const resource = resourceFrom(call.body);
      return updateRecord({ ...asked, ...target, ...preconditionOf(call.headers) }, resource);
    }),
    writeRoute(store, 'PUT', '/fhir/:type', where, async (call, asked) => {
      const criteria = criteriaFrom(call);
      requireJsonBody(call.headers);
      const resource = resourceFrom(call.body);
      return updateWhere({ ...asked, criteria, ...preconditionOf(call.headers) }, resource);
    }),
  ];
}

function deleteRoutes(store: Store): Route[] {
  const where = 'Delete the one record that matches';
  return [
    writeRoute(store, 'DELETE', '/fhir/:type/:id', 'Delete a record', async (call, asked) =>
      deleteRecord({ ...asked, ...named(call.params), ...preconditionOf(call.headers) }),
    ),
    writeRoute(store, 'DELETE', '/fhir/:type', where, async (call, asked) =>
      deleteWhere({ ...asked, criteria: criteriaFrom(call), ...preconditionOf(call.headers) }),
    ),
  ];
}

type Writing = Asked & { readonly preference: Preference };

/** A route whose work is one write: prefers, rehearses and repeats as every other. */
export function writeRoute(
  store: Store,
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  summary: string,
  work: (call: FhirCall, asked: Writing) => Promise<Outcome>,
): Route {
  return fhirRoute({ method, path, summary, tag, replies }, async (call) => {
    requireJsonFace(call.headers, call.pairs);
    const { caller } = call;
    const preference = preferenceFrom(call.headers['prefer']);
    const answering = {
      reply: (outcome: Outcome) => writeReply({ store, preference }, outcome),
      kept: (outcome: Outcome) =>
        writeReply({ store, preference }, { ...outcome, json: undefined }),
      again: (kept: Reply) => withRecord(store, call, preference, kept),
    };
    const rehearsal = preference.validateOnly;
    return once({ store, call, method, rehearsal }, answering, (frame) =>
      work(call, { store, caller, preference, frame }),
    );
  });
}

function showsRecord(preference: Preference): boolean {
  return preference.return === undefined || preference.return === 'representation';
}

/** The version that was shown the first time, to who may read it now. */
async function withRecord(
  store: Store,
  { caller }: FhirCall,
  preference: Preference,
  kept: Reply,
): Promise<Reply> {
  const location = kept.headers?.['location'] ?? '';
  const [, type, id, version] = /\/(\w+)\/([^/]+)\/_history\/(\d+)$/.exec(location) ?? [];
  if (!showsRecord(preference) || type === undefined || id === undefined) return kept;
  const asked = { store, caller, type, id, version: Number(version) };
  const read = await guarded(store, caller, () => readVersion(asked));
  return { ...kept, body: read.rendered.json };
}
