import { Readable } from 'node:stream';
import type { Reply } from '../../../platform/http/route.ts';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import type { AnswerFolder } from '../bulk/answer-folder.ts';
import { type AnswerFile, type FileAnswer, isFileAnswer } from '../bulk/manifest.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';

export type Downloads = {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly folder: AnswerFolder;
};

type Fetching = { readonly caller: Caller; readonly job: Job; readonly name: string };

/** One file, decided by whose job it is, audited before its first byte leaves. */
export async function download(
  { store, jobs, folder }: Downloads,
  { caller, job, name }: Fetching,
): Promise<Reply> {
  const { result } = job;
  const found = isFileAnswer(result) ? result.files.find((one) => one.name === name) : undefined;
  if (!isFileAnswer(result) || found === undefined) {
    return refuse(recordKinds.notFound, 'The job has no such file.');
  }
  const { tenant } = caller.principal;
  await requireNoneErased({ store, jobs, folder }, caller, job, result);
  await store.audit.release(tenant, [downloaded(caller, job, found)]);
  const { secret } = result;
  const headers = { 'content-type': 'application/fhir+ndjson' };
  const body = Readable.from(folder.read({ tenant, job: job.id, name, secret }), {
    objectMode: false,
  });
  return { status: 200, headers, body };
}

/** A copy must not outlive the key of the patient it is about. */
async function requireNoneErased(
  { store, jobs }: Downloads,
  caller: Caller,
  job: Job,
  { at }: FileAnswer,
): Promise<void> {
  const { tenant } = caller.principal;
  const erased = await store.database.transaction(tenant, (tx) =>
    store.phi.erasedSince(tx, new Date(at)),
  );
  if (!erased) return;
  await jobs.cancel(caller, job.id);
  refuse(recordKinds.gone, 'A patient was erased since: these files are deleted. Ask anew.');
}

function downloaded(caller: Caller, job: Job, file: AnswerFile) {
  const { type, name, records, bytes } = file;
  return {
    ...({ type: 'record.export', action: 'R', outcome: 'success', caller } as const),
    ...(type === 'Bundle' || type === 'OperationOutcome' ? {} : { resourceType: type }),
    note: { job: job.id, file: name, records, bytes },
  };
}
