import { fhirRoute, type Route } from '../../platform/http/route.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { guarded, requireReach } from './allow.ts';
import { requireId } from './body.ts';
import { fhirReplies, requireJsonFace } from './fhir-call.ts';
import { recordKinds } from './problems.ts';
import { readRecord } from './read.ts';
import { type Reindex, reindexesOf, restart, whatOf } from './reindex/progress.ts';
import type { Store } from './store.ts';

const path = '/fhir/SearchParameter/:id/$reindex';

/** Our own operation: how far a stored SearchParameter is indexed, and to begin that anew. */
export function reindexRoutes(store: Store): Route[] {
  const tag = 'FHIR search and history';
  const get = { method: 'GET', path, summary: 'How far a SearchParameter is indexed' } as const;
  const post = { method: 'POST', path, summary: 'Index a SearchParameter anew' } as const;
  return [
    fhirRoute({ ...get, tag, replies: fhirReplies }, async ({ caller, headers, pairs, params }) => {
      requireJsonFace(headers, pairs);
      const id = requireId(params['id'] ?? '');
      const body = await guarded(store, caller, () => progressOf(store, caller, id));
      return { status: 200, body };
    }),
    fhirRoute(
      { ...post, tag, replies: fhirReplies },
      async ({ caller, headers, pairs, params }) => {
        requireJsonFace(headers, pairs);
        const id = requireId(params['id'] ?? '');
        const body = await guarded(store, caller, async () => {
          requireReach({ store, caller, action: 'update', type: 'SearchParameter', id });
          const which = await reindexesBy(store, caller, id);
          const { tenant } = caller.principal;
          await store.database.transaction(tenant, (tx) => restart(tx, which));
          store.searchParameters.moved(tenant);
          // Looks, and with work to do the worker is woken.
          await store.searchParameters.of(tenant);
          return progressOf(store, caller, id);
        });
        return { status: 200, body };
      },
    ),
  ];
}

/** What a SearchParameter that is in use is reindexed as, by type. */
async function reindexesBy(store: Store, caller: Caller, id: string) {
  const { tenant } = caller.principal;
  const { rendered } = await readRecord({ store, caller, type: 'SearchParameter', id });
  const { url }: { url?: string } = JSON.parse(rendered.json.toString());
  const { byUrl } = await store.searchParameters.of(tenant);
  const hash = await store.phi.hasher(tenant);
  const found = byUrl.get(url ?? '') ?? [];
  if (found.length === 0) {
    const text = 'This SearchParameter is not in use: it is not active, or cannot be used here.';
    refuse(recordKinds.mismatch, text);
  }
  return found.map(({ type, param }) => ({ type, what: whatOf(hash, type, param) }));
}

async function progressOf(store: Store, caller: Caller, id: string) {
  const which = await reindexesBy(store, caller, id);
  const all = await store.database.transaction(caller.principal.tenant, reindexesOf);
  const mine = which.flatMap(({ type, what }) =>
    all.filter((one) => one.type === type && one.what === what),
  );
  return { resourceType: 'Parameters', parameter: mine.map(parameterOf) };
}

function parameterOf({ type, done, ended }: Reindex) {
  return {
    name: 'type',
    part: [
      { name: 'code', valueCode: type },
      { name: 'records', valueInteger: done },
      { name: 'complete', valueBoolean: ended },
    ],
  };
}
