import { fhirRoute, type Route } from '../../platform/http/route.ts';
import { guarded } from './allow.ts';
import { requireId, requireType } from './body.ts';
import { fhirReplies, requireJsonFace } from './fhir-call.ts';
import { historyOf } from './history.ts';
import { historyBundle } from './history-bundle.ts';
import { historyParameters } from './history-parameter.ts';
import type { Store } from './store.ts';

/** History of a record, of a type, of everything. */
export function historyRoutes(store: Store): Route[] {
  return [
    historyRoute(store, '/fhir/_history', 'History of all records'),
    historyRoute(store, '/fhir/:type/_history', 'History of a type'),
    historyRoute(store, '/fhir/:type/:id/_history', 'History of a record'),
  ];
}

function historyRoute(store: Store, path: string, summary: string): Route {
  const spec = { method: 'GET', path, summary, tag: 'FHIR history', replies: fhirReplies } as const;
  return fhirRoute(spec, async (call) => {
    requireJsonFace(call.headers, call.pairs);
    const { caller } = call;
    const { type, id } = call.params;
    const asked = {
      ...{ store, caller, ...historyParameters(call.pairs) },
      ...(type === undefined ? {} : { type: requireType(type) }),
      ...(id === undefined ? {} : { id: requireId(id) }),
    };
    const page = await guarded(store, caller, () => historyOf(asked));
    return { status: 200, body: historyBundle(asked, page) };
  });
}
