import { fhirRoute, openRoute, type Route } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { openOtherRequests } from './bundle/other-request.ts';
import { submitBundle } from './bundle/submit.ts';
import type { Metadata, MetadataMode } from './capability.ts';
import { fhirReplies, provenanceWarning, requireJsonBody, requireJsonFace } from './fhir-call.ts';
import { ticketOf } from './idempotency/ticket.ts';
import { preferenceFrom } from './prefer.ts';
import type { Store } from './store.ts';
import { writeHeaders } from './write-reply.ts';

const tag = 'FHIR system';

/** The base: what we can do, and Bundles. */
export function systemRoutes(
  store: Store,
  metadata: Metadata,
  routes: () => readonly Route[],
): Route[] {
  const others = openOtherRequests(store.baseUrl, routes);
  const capability = {
    method: 'GET',
    path: '/fhir/metadata',
    summary: 'What this server can do (CapabilityStatement)',
    tag,
    dialect: 'fhir',
    replies: fhirReplies,
  } as const;
  const bundle = {
    method: 'POST',
    path: '/fhir',
    summary: 'Run a transaction or batch Bundle',
    tag,
    replies: fhirReplies,
  } as const;
  return [
    openRoute(capability, async (call) => {
      requireJsonFace(call.headers, call.pairs);
      return { status: 200, body: metadata(modeOf(call.pairs)) };
    }),
    fhirRoute(bundle, async (call) => {
      requireJsonFace(call.headers, call.pairs);
      requireJsonBody(call.headers);
      const { caller } = call;
      const preference = preferenceFrom(call.headers['prefer']);
      const ticket = ticketOf(call, 'POST');
      const asked = { store, caller, preference, ticket, others };
      const { body, replayed } = await submitBundle(asked, call.body);
      const warning = provenanceWarning(call.headers);
      const headers = { ...writeHeaders(preference, replayed), ...warning };
      return { status: 200, headers, body };
    }),
  ];
}

/**
 * FHIR R4 http.html#capabilities: `mode` (R4B and older clients: `_mode`) is full, normative or
 * terminology.
 */
function modeOf(pairs: readonly (readonly [string, string])[]): MetadataMode {
  const mode = pairs.find(([name]) => name === 'mode' || name === '_mode')?.[1] ?? 'full';
  if (mode === 'terminology') return mode;
  if (mode === 'full' || mode === 'normative') return 'full';
  return refuse(kinds.badRequest, 'mode is full, normative or terminology.');
}
