import type { Identity } from '#identity';
import type { Route } from '../../../platform/http/route.ts';
import { withAsync } from '../job/async-request.ts';
import { type Jobs, openJobs } from '../job/jobs.ts';
import { jobRoutes } from '../job/routes-job.ts';
import type { Runner } from '../job/runner.ts';
import type { Store } from '../store.ts';
import { openAnswerFolder } from './answer-folder.ts';
import { exportRunner } from './export.ts';
import { importRunner } from './import.ts';
import { bundleRunner, searchRunner } from './request.ts';
import { exportRoutes } from './routes-export.ts';
import { importRoutes } from './routes-import.ts';

export type BulkParts = {
  readonly store: Store;
  readonly dataFolder: string;
  readonly keyring: string;
  /** Hosts an import may fetch files from; none: only what is sent. */
  readonly importHosts: readonly string[];
  /** Whether manifests hold links that need no token. */
  readonly signedLinks: boolean;
  readonly identity: Pick<Identity, 'standing'>;
};

/** Jobs, and what is asked for as one: exports, imports, slow requests. */
export type Bulk = {
  readonly jobs: Jobs;
  readonly routes: readonly Route[];
  /** The same routes, some of which may now be asked asynchronously. */
  asynchronous(routes: readonly Route[]): Route[];
};

export function openBulk(parts: BulkParts): Bulk {
  const { store, dataFolder, keyring, identity, importHosts: hosts } = parts;
  const { signedLinks: links } = parts;
  const folder = openAnswerFolder(dataFolder);
  let answering: readonly Route[] = [];
  const requests = { store, folder, routes: () => answering };
  const runners = new Map<string, Runner>([
    ['export', exportRunner({ store, folder, keyring })],
    ['import', importRunner({ store, folder })],
    ['search', searchRunner(requests)],
    ['bundle', bundleRunner(requests)],
  ]);
  const { database, phi, access, log, now, baseUrl } = store;
  const { standing } = identity;
  const jobs = openJobs({ database, phi, access, log, now, standing, runners });
  return {
    jobs: {
      ...jobs,
      start() {
        jobs.start();
        folder.sweep(now()).catch((err: unknown) => {
          log.warn({ err }, 'files of answers left behind could not be removed');
        });
      },
    },
    routes: [
      ...jobRoutes({ store, jobs, folder, links }),
      ...exportRoutes(store, jobs),
      ...importRoutes({ store, jobs, folder, hosts }),
    ],
    asynchronous(routes) {
      answering = routes;
      return withAsync(routes, jobs, baseUrl);
    },
  };
}
