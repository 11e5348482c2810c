import type { Identity } from '#identity';
import type { Route } from '../../../platform/http/route.ts';
import { withAsync } from '../job/async-request.ts';
import { type Jobs, openJobs } from '../job/jobs.ts';
import { jobRoutes } from '../job/routes-job.ts';
import type { Runner } from '../job/runner.ts';
import type { Store } from '../store.ts';
import { openAnswerFolder } from './answer-folder.ts';
import { exportRunner } from './export.ts';
import { bundleRunner, searchRunner } from './request.ts';
import { exportRoutes } from './routes-export.ts';

export type BulkParts = {
  readonly store: Store;
  readonly dataFolder: string;
  readonly keyring: string;
  readonly identity: Pick<Identity, 'standing'>;
};

/** Jobs, and what is asked for as one: exports. */
export type Bulk = {
  readonly jobs: Jobs;
  readonly routes: readonly Route[];
  /** The same routes, some of which may now be asked asynchronously. */
  asynchronous(routes: readonly Route[]): Route[];
};

export function openBulk({ store, dataFolder, keyring, identity }: BulkParts): Bulk {
  const folder = openAnswerFolder(dataFolder);
  let answering: readonly Route[] = [];
  const requests = { store, folder, routes: () => answering };
  const runners = new Map<string, Runner>([
    ['export', exportRunner({ store, folder, keyring })],
    ['search', searchRunner(requests)],
    ['bundle', bundleRunner(requests)],
  ]);
  const { database, phi, access, log, now, baseUrl } = store;
  const { standing } = identity;
  const jobs = openJobs({ database, phi, access, log, now, standing, runners });
  return {
    jobs,
    routes: [...jobRoutes(store, jobs, folder), ...exportRoutes(store, jobs)],
    asynchronous(routes) {
      answering = routes;
      return withAsync(routes, jobs, baseUrl);
    },
  };
}
