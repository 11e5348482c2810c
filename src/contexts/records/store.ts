import type { Access } from '#access';
import type { Audit } from '#audit';
import type { Phi } from '#phi';
import type { Terminology } from '#terminology';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { GroupReading } from '../../platform/postgres/group-reading.ts';
import type { CountFolder } from './count.ts';
import type { Definitions } from './definition/definitions.ts';
import type { InTurn } from './in-turn.ts';
import type { ReadBatch } from './read-batch.ts';
import type { SearchParameters } from './reindex/search-parameters.ts';
import type { RowNumbers } from './row-number.ts';
import type { WriteBatch } from './write-batch.ts';

export const deeds = [
  'read',
  'vread',
  'history',
  'search',
  'create',
  'update',
  'patch',
  'delete',
  'reindex',
] as const;
export type Deed = (typeof deeds)[number];

/** What every interaction stands on. */
export type Store = {
  readonly database: Database;
  readonly phi: Phi;
  readonly access: Access;
  readonly audit: Audit;
  readonly terminology: Terminology;
  readonly log: Log;
  readonly rowNumbers: RowNumbers;
  readonly reads: ReadBatch;
  readonly writes: WriteBatch;
  readonly searches: GroupReading;
  readonly inTurn: InTurn;
  readonly counts: CountFolder;
  readonly definitions: Definitions;
  readonly searchParameters: SearchParameters;
  readonly now: () => Date;
  /** Told how many records were read, searched, created … for a metric. */
  readonly counted: (deed: Deed, records: number) => void;
  /** Something subscribers may have to be told of was written in this tenant. */
  readonly changed: (tenant: number) => void;
  /** Where the FHIR base is, as callers see it: for Location, fullUrl and paging links. */
  readonly baseUrl: string;
};
