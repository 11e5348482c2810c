import type { Access } from '#access';
import type { Audit } from '#audit';
import type { Identity } from '#identity';
import type { Phi } from '#phi';
import type { Terminology } from '#terminology';
import { openEgress } from '../../platform/http/egress.ts';
import type { Route } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { type BegunAgain, openGroupReading } from '../../platform/postgres/group-reading.ts';
import { openBulk } from './bulk/bulk.ts';
import { openMetadata } from './capability.ts';
import { openCountFolder } from './count.ts';
import { openDefinitions } from './definition/definitions.ts';
import { noPackages, type PackageSet } from './definition/package-set.ts';
import { supportedProfiles } from './definition/supported-profile.ts';
import { openInTurn } from './in-turn.ts';
import type { Jobs } from './job/jobs.ts';
import { openReadBatch } from './read-batch.ts';
import { openReindexer, type Reindexer } from './reindex/reindexer.ts';
import { openSearchParameters } from './reindex/search-parameters.ts';
import { recordRoutes } from './routes.ts';
import { openRowNumbers } from './row-number.ts';
import type { Store } from './store.ts';
import { openRelay, type Relay } from './subscription/relay.ts';
import type { Serving } from './subscription/serving.ts';
import { warmValidator } from './validate/warm-validator.ts';
import { openWriteBatch } from './write-batch.ts';

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
  /** Where the files of answers lie until they expire. */
  readonly dataFolder: string;
  /** Where other threads find the keys. */
  readonly keyring: string;
  /** Hosts an import may fetch files from; unset: none. */
  readonly importHosts?: readonly string[];
  /** Whether the files of answers have links that need no token; unset: no. */
  readonly signedLinks?: boolean;
  /** Definitions every tenant has beside R4's own; unset: none. */
  readonly packages?: PackageSet;
  /** Who subscribers are now. */
  readonly identity: Pick<Identity, 'standing'>;
  /** Whether subscribers may be on this machine and its private networks, and without TLS. */
  readonly privateReceivers: boolean;
  readonly now?: () => Date;
  readonly counted?: Store['counted'];
  readonly notified?: Serving['notified'];
  /** Told of searches done a second time, for a metric. */
  readonly begunAgain?: BegunAgain;
};

/** What the store tells for metrics. */
export type RecordsTold = Pick<RecordParts, 'counted' | 'notified' | 'begunAgain'>;

/** The record store: FHIR R4 resources of every tenant, sealed, searched by hashes, audited. */
export type Records = {
  readonly routes: readonly Route[];
  readonly store: Store;
  /** Writes the index rows that stored records lack. */
  readonly reindexer: Reindexer;
  /** Tells subscribers of changes; begun by whoever serves. */
  readonly relay: Relay;
  /** Has the validator ready, so that the first caller need not wait for it. */
  warm(tenant: number): Promise<void>;
  /** Work that outlives its request; `start` takes up what other processes have left. */
  readonly jobs: Jobs;
};

export function openRecords(parts: RecordParts): Records {
  const now = parts.now ?? (() => new Date());
  const packages = parts.packages ?? noPackages;
  const definitions = openDefinitions({ ...parts, packages });
  const reindexer = openReindexer(() => store);
  const store: Store = {
    ...{ database: parts.database, phi: parts.phi, access: parts.access, audit: parts.audit },
    ...{ log: parts.log, baseUrl: parts.baseUrl, now, terminology: parts.terminology },
    counted: parts.counted ?? (() => undefined),
    changed: (tenant) => relay.wake(tenant),
    rowNumbers: openRowNumbers(),
    reads: openReadBatch(parts.database),
    writes: openWriteBatch(),
    searches: openGroupReading(parts.database, parts.begunAgain ?? (() => undefined)),
    inTurn: openInTurn(),
    definitions,
    searchParameters: openSearchParameters({ ...parts, definitions, wake: reindexer.wake }),
    counts: openCountFolder(parts.database, (tenant, err) =>
      parts.log.warn({ tenant, err }, 'counts were not added up; the next fold does it'),
    ),
  };
  const relay = openRelay({
    ...store,
    egress: openEgress(parts.privateReceivers),
    standing: parts.identity.standing,
    notified: parts.notified ?? (() => undefined),
  });
  const { baseUrl, version, terminology } = parts;
  const all = () => [...routes, ...terminology.routes];
  const profiles = () => supportedProfiles(packages);
  const metadata = openMetadata({ baseUrl, version, startedAt: now(), routes: all, profiles });
  const bulk = openBulk({ importHosts: [], signedLinks: false, ...parts, store });
  const routes = recordRoutes(store, { metadata, bulk, all });
  const warm = (tenant: number) => warmValidator(store, tenant);
  return { routes, store, relay, reindexer, warm, jobs: bulk.jobs };
}
