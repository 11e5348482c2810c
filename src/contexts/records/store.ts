import type { Access } from '#access';
import type { Audit } from '#audit';
import type { Phi } from '#phi';
import type { Log } from '../../platform/log.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { ReadBatch } from './read-batch.ts';
import type { RowNumbers } from './row-number.ts';

/** What every interaction stands on. */
export type Store = {
  readonly database: Database;
  readonly phi: Phi;
  readonly access: Access;
  readonly audit: Audit;
  readonly log: Log;
  readonly rowNumbers: RowNumbers;
  readonly reads: ReadBatch;
  readonly now: () => Date;
  /** Where the FHIR base is, as callers see it: for Location, fullUrl and paging links. */
  readonly baseUrl: string;
};
