import { fhirRoute, openRoute, type Reply, type Route } from '../../../platform/http/route.ts';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { isFileAnswer, manifest } from '../bulk/manifest.ts';
import { fhirReplies } from '../fhir-call.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type Downloads, download } from './download.ts';
import type { Job } from './job.ts';
import { linkTo, openLink } from './link.ts';

const tag = 'FHIR asynchronous requests';
const replies = { ...fhirReplies, 202: fhirReplies[200] ?? {} };

type FhirCall = Parameters<Parameters<typeof fhirRoute>[1]>[0];

export type JobRoutes = Downloads & {
  /** Whether manifests hold links that need no token. */
  readonly links: boolean;
};

/** FHIR R4 async.html, Bulk Data Access 2.0: how far a job is, its files, and its end. */
export function jobRoutes(parts: JobRoutes): Route[] {
  const { store, jobs, links } = parts;
  const path = '/fhir/_job/:job';
  const status = { method: 'GET', path, summary: 'How far a job is, or its answer' } as const;
  const remove = { method: 'DELETE', path, summary: 'Cancel a job, delete its files' } as const;
  const summary = "A file of a job's answer (NDJSON)";
  const file = { method: 'GET', path: `${path}/:file`, summary } as const;
  return [
    fhirRoute({ ...status, tag, replies }, async (call) => {
      const job = await theJob(call);
      if (job.problem !== undefined) throw job.problem;
      return job.state === 'done' ? answer(call.caller, job) : underWay(store, job);
    }),
    fhirRoute({ ...remove, tag, replies }, async (call) => {
      const { id } = await theJob(call);
      await jobs.cancel(call.caller, id);
      const text = 'Cancelled; its files are deleted.';
      const issue = [{ severity: 'information', code: 'informational', diagnostics: text }];
      return { status: 202, body: { resourceType: 'OperationOutcome', issue } };
    }),
    fhirRoute({ ...file, tag, replies: fhirReplies }, async (call) => {
      const { caller, params } = call;
      const job = await theJob(call);
      return download(parts, { caller, job, name: params['file'] ?? '' });
    }),
    ...(links ? [linkRoute()] : []),
  ];

  function linkRoute(): Route {
    const summary = "A file of a job's answer, by a link of its manifest";
    const spec = { method: 'GET', path: '/fhir/_file', summary, tag } as const;
    return openRoute({ ...spec, dialect: 'fhir', replies: fhirReplies }, async (call) => {
      // A query, as the path's parts are at most 512 characters long.
      const link = call.pairs.find(([name]) => name === 'link')?.[1] ?? '';
      const opened = await openLink(store, link, call);
      const job = opened && (await jobs.find(opened.caller, opened.job));
      if (opened === undefined || job === undefined) {
        return refuse(recordKinds.notFound, 'The link is not one of ours, or no longer valid.');
      }
      return download(parts, { caller: opened.caller, job, name: opened.file });
    });
  }

  async function theJob({ caller, params }: FhirCall): Promise<Job> {
    const job = await jobs.find(caller, params['job'] ?? '');
    return job ?? refuse(recordKinds.notFound, 'There is no such job of yours, or it is over.');
  }

  async function answer(caller: Caller, job: Job): Promise<Reply> {
    const headers = { 'content-type': 'application/json', expires: job.expiresAt.toUTCString() };
    const { result } = job;
    if (!isFileAnswer(result)) return { status: 200, headers, body: Object(result) };
    const addresses = new Map<string, string>();
    for (const { name } of result.files) {
      const link = { job: job.id, file: name, caller };
      const path = links ? `_file?link=${await linkTo(store, link)}` : `_job/${job.id}/${name}`;
      addresses.set(name, `${store.baseUrl}/${path}`);
    }
    const address = (name: string) => addresses.get(name) ?? '';
    return { status: 200, headers, body: manifest(result, address, !links) };
  }
}

/** Seconds a client does well to wait: a short job is not made long by it. */
function underWay(store: Store, job: Job): Reply {
  const age = store.now().getTime() - job.createdAt.getTime();
  const seconds = age < 5_000 ? 1 : age < 60_000 ? 5 : 30;
  const progress = job.progress === '' ? job.state : job.progress;
  return { status: 202, headers: { 'x-progress': progress, 'retry-after': String(seconds) } };
}
