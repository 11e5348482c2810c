import type { Identity } from '#identity';
import type { Route } from '../../../platform/http/route.ts';
import { type Jobs, openJobs } from '../job/jobs.ts';
import { jobRoutes } from '../job/routes-job.ts';
import type { Runner } from '../job/runner.ts';
import type { Store } from '../store.ts';
import { openAnswerFolder } from './answer-folder.ts';
import { exportRunner } from './export.ts';
import { exportRoutes } from './routes-export.ts';

export type BulkParts = {
  readonly store: Store;
  readonly dataFolder: string;
  readonly keyring: string;
  readonly identity: Pick<Identity, 'standing'>;
};

/** Jobs, and what is asked for as one: exports. */
export type Bulk = { readonly jobs: Jobs; readonly routes: readonly Route[] };

export function openBulk({ store, dataFolder, keyring, identity }: BulkParts): Bulk {
  const folder = openAnswerFolder(dataFolder);
  const runners = new Map<string, Runner>([['export', exportRunner({ store, folder, keyring })]]);
  const { database, phi, access, log, now } = store;
  const { standing } = identity;
  const jobs = openJobs({ database, phi, access, log, now, standing, runners });
  return { jobs, routes: [...jobRoutes(store, jobs, folder), ...exportRoutes(store, jobs)] };
}
