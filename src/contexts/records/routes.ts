import type { Route } from '../../platform/http/route.ts';
import type { Bulk } from './bulk/bulk.ts';
import type { Metadata } from './capability.ts';
import { everythingRoutes } from './everything/routes-everything.ts';
import { lastnRoutes } from './lastn/routes-lastn.ts';
import { matchRoutes } from './match/routes-match.ts';
import { metaRoutes } from './meta/routes-meta.ts';
import { historyRoutes } from './routes-history.ts';
import { interactionRoutes } from './routes-interaction.ts';
import { readRoutes } from './routes-read.ts';
import { reindexRoutes } from './routes-reindex.ts';
import { searchRoutes } from './routes-search.ts';
import { systemRoutes } from './routes-system.ts';
import type { Store } from './store.ts';
import { subscriptionRoutes } from './subscription/routes.ts';
import { validateRoutes } from './validate/routes.ts';

type Parts = {
  readonly metadata: Metadata;
  readonly bulk: Bulk;
  /** Every FHIR route there is, of other contexts too: an entry of a batch may ask any. */
  readonly all: () => readonly Route[];
};

/** The FHIR face: every path below /fhir. */
export function recordRoutes(store: Store, { metadata, bulk, all }: Parts): Route[] {
  return bulk.asynchronous([
    ...bulk.routes,
    ...everythingRoutes(store),
    ...lastnRoutes(store),
    ...matchRoutes(store),
    ...systemRoutes(store, metadata, all),
    ...subscriptionRoutes(store),
    ...reindexRoutes(store),
    ...searchRoutes(store),
    ...historyRoutes(store),
    ...readRoutes(store),
    ...metaRoutes(store),
    ...validateRoutes(store),
    ...interactionRoutes(store),
  ]);
}
