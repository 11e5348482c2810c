import type { Access } from '#access';
import type { Audit } from '#audit';
import type { Phi } from '#phi';
import type { Terminology } from '#terminology';
import type { Route } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { openMetadata } from './capability.ts';
import { openCountFolder } from './count.ts';
import { openDefinitions } from './definition/definitions.ts';
import { noPackages, type PackageSet } from './definition/package-set.ts';
import { openReadBatch } from './read-batch.ts';
import { recordRoutes } from './routes.ts';
import { openRowNumbers } from './row-number.ts';
import type { Store } from './store.ts';
import { openWriteBatch } from './write-batch.ts';

/** What was done to how many records, for a metric. */
export type RecordsCounted = Store['counted'];

export type RecordParts = {
  readonly database: Database;
  readonly phi: Phi;
  readonly access: Access;
  readonly audit: Audit;
  readonly terminology: Terminology;
  readonly log: Log;
  /** The FHIR base as callers see it, without a slash at its end. */
  readonly baseUrl: string;
  readonly version: string;
  /** Definitions every tenant has beside R4's own; unset: none. */
  readonly packages?: PackageSet;
  readonly now?: () => Date;
  readonly counted?: RecordsCounted;
};

/** The record store: FHIR R4 resources of every tenant, sealed, searched by hashes, audited. */
export type Records = { readonly routes: readonly Route[]; readonly store: Store };

export function openRecords(parts: RecordParts): Records {
  const now = parts.now ?? (() => new Date());
  const store: Store = {
    ...{ database: parts.database, phi: parts.phi, access: parts.access, audit: parts.audit },
    ...{ log: parts.log, baseUrl: parts.baseUrl, now, terminology: parts.terminology },
    counted: parts.counted ?? (() => undefined),
    rowNumbers: openRowNumbers(),
    reads: openReadBatch(parts.database),
    writes: openWriteBatch(),
    definitions: openDefinitions({ ...parts, packages: parts.packages ?? noPackages }),
    counts: openCountFolder(parts.database, (tenant, err) =>
      parts.log.warn({ tenant, err }, 'counts were not added up; the next fold does it'),
    ),
  };
  const metadata = openMetadata(parts.baseUrl, parts.version, now());
  return { routes: recordRoutes(store, metadata), store };
}

export { submitBundle } from './bundle/submit.ts';
export { openPackages } from './definition/package-set.ts';
export { type BatchSource, type LoadOrder, load } from './load/load.ts';
export { duration } from './load/progress-bar.ts';
export { openProgressFile, type ProgressFile } from './load/progress-file.ts';
export { ProgressWriter } from './load/progress-writer.ts';
export { readResources } from './load/read-resources.ts';
export { syntheticBatches } from './load/synthetic.ts';
export type { LoadSum } from './load/tally.ts';
export { readDefinition } from './read-definition.ts';
