import { fhirRoute, type Route } from '../../platform/http/route.ts';
import { guarded } from './allow.ts';
import { binaryFrom } from './binary.ts';
import { requireSameType, requireType, resourceFrom } from './body.ts';
import type { Applied } from './change.ts';
import { deleteWhere, updateWhere } from './conditional-change.ts';
import {
  criteriaFrom,
  type FhirCall,
  fhirReplies,
  one,
  preconditionOf,
  provenanceWarning,
  requireJsonBody,
  requireJsonFace,
} from './fhir-call.ts';
import { type Keeping, once } from './idempotency/once.ts';
import { ticketOf } from './idempotency/ticket.ts';
import {
  type Asked,
  createRecord,
  createUnlessThere,
  deleteRecord,
  type Outcome,
  updateRecord,
} from './interaction.ts';
import { patchOf } from './patch/patch.ts';
import { patchRecord, patchWhere } from './patch/patch-change.ts';
import { type Preference, preferenceFrom } from './prefer.ts';
import type { Resource } from './prepare.ts';
import { readVersion } from './read.ts';
import { named } from './routes-read.ts';
import type { Store } from './store.ts';
import { showsRecord, writeReply } from './write-reply.ts';

const tag = 'FHIR records';
const replies = { ...fhirReplies, 201: fhirReplies[200] ?? {} };

/** create, update, patch, delete, each also by criteria. */
export function interactionRoutes(store: Store): Route[] {
  return [
    createRoute(store),
    ...updateRoutes(store),
    ...patchRoutes(store),
    ...deleteRoutes(store),
  ];
}

function resourceIn(call: FhirCall): Resource {
  requireJsonBody(call.headers);
  return resourceFrom(call.body);
}

function createRoute(store: Store): Route {
  const summary = 'Create a record; conditionally with If-None-Exist';
  return writeRoute(store, 'POST', '/fhir/:type', summary, async (call, asked) => {
    const type = requireType(call.params['type'] ?? '');
    const resource = binaryFrom(call, type) ?? resourceIn(call);
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
      const resource = binaryFrom(call, target.type) ?? resourceIn(call);
      return updateRecord({ ...asked, ...target, ...preconditionOf(call.headers) }, resource);
    }),
    writeRoute(store, 'PUT', '/fhir/:type', where, async (call, asked) => {
      const criteria = criteriaFrom(call);
      const resource = resourceIn(call);
      return updateWhere({ ...asked, criteria, ...preconditionOf(call.headers) }, resource);
    }),
  ];
}

function patchRoutes(store: Store): Route[] {
  const where = 'Patch the one record that matches';
  return [
    writeRoute(store, 'PATCH', '/fhir/:type/:id', 'Patch a record', async (call, asked) => {
      const target = named(call.params);
      const patch = patchOf(call);
      return patchRecord({ ...asked, ...target, patch, ...preconditionOf(call.headers) });
    }),
    writeRoute(store, 'PATCH', '/fhir/:type', where, async (call, asked) => {
      const criteria = criteriaFrom(call);
      const patch = patchOf(call);
      return patchWhere({ ...asked, criteria, patch, ...preconditionOf(call.headers) });
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
    const ticket = ticketOf(call, method);
    const asked = { store, caller, ticket, rehearsal: preference.validateOnly };
    const { result, replayed } = await once(asked, keeping, (frame) =>
      work(call, { store, caller, preference, frame }),
    );
    const outcome = replayed ? await shownAgain(store, call, preference, result) : result;
    const reply = writeReply({ store, preference, replayed }, outcome);
    return { ...reply, headers: { ...reply.headers, ...provenanceWarning(call.headers) } };
  });
}

const keeping: Keeping<Outcome> = {
  write: ({ status, applied }) => JSON.stringify({ status, applied }),
  read(text) {
    const { status, applied } = JSON.parse(text) as { status: number; applied: Applied };
    const updatedAt = new Date(applied.updatedAt);
    return { status, applied: { ...applied, updatedAt }, json: undefined };
  },
};

/** The version that was shown the first time, to who may read it now. */
async function shownAgain(
  store: Store,
  { caller }: FhirCall,
  preference: Preference,
  outcome: Outcome,
): Promise<Outcome> {
  const { type, id, version } = outcome.applied;
  if (!showsRecord(preference) || outcome.status === 204 || version === undefined) return outcome;
  const asked = { store, caller, type, id, version };
  const read = await guarded(store, caller, () => readVersion(asked));
  return { ...outcome, json: read.rendered.json };
}
