import type { Call, Reply, Route } from '../../../platform/http/route.ts';
import { type KeptRequest, routeName } from '../job/async-request.ts';
import type { Runner, Work } from '../job/runner.ts';
import type { Store } from '../store.ts';
import { type AnswerFolder, newSecret } from './answer-folder.ts';
import type { FileAnswer } from './manifest.ts';
import { outcomeLine } from './outcome-line.ts';

export type RequestParts = {
  readonly store: Store;
  readonly folder: AnswerFolder;
  readonly routes: () => readonly Route[];
};

/** Matches of a page nobody gave a size, and pages of one search: ten million matches. */
const PAGE = '1000';
const MOST_PAGES = 10_000;

/**
 * FHIR R4 async.html for a search: every page of it is a line of the file, each decided and audited
 * as any page. It changes nothing, so it may be done again.
 */
export function searchRunner(parts: RequestParts): Runner {
  return {
    resumes: true,
    run: (work) => answered(parts, work, pages(parts, work)),
    discard: (tenant, job) => parts.folder.remove(tenant, job),
  };
}

/** For a batch or a transaction: never done twice. */
export function bundleRunner(parts: RequestParts): Runner {
  return {
    resumes: false,
    run: (work) => answered(parts, work, single(parts, work)),
    discard: (tenant, job) => parts.folder.remove(tenant, job),
  };
}

type Told = { text: string | undefined };

async function answered(
  { store, folder }: RequestParts,
  work: Work,
  bodies: AsyncGenerator<Buffer, Told>,
): Promise<FileAnswer> {
  const { tenant } = work.caller.principal;
  const { url } = work.asked as KeptRequest;
  const at = store.now().toISOString();
  await folder.prepare(tenant, work.id);
  const secret = newSecret();
  const told: string[] = [];
  async function* lines(): AsyncGenerator<Buffer> {
    const { text } = yield* bodies;
    if (text !== undefined) told.push(text);
  }
  const place = { tenant, job: work.id, secret };
  const kind = { list: 'output', type: 'Bundle' } as const;
  const files = [await folder.write({ ...place, name: 'bundle' }, kind, lines())];
  if (told.length > 0) {
    const error = { list: 'error', type: 'OperationOutcome' } as const;
    const said = told.map((text) => outcomeLine({ severity: 'error', text }));
    files.push(await folder.write({ ...place, name: 'outcome' }, error, said));
  }
  const request = `${store.baseUrl.replace(/\/fhir$/, '')}${url}`;
  return { at, request, secret, files, told };
}

async function* pages(parts: RequestParts, work: Work): AsyncGenerator<Buffer, Told> {
  const first = callOf(work);
  const sized = first.pairs.some(([name]) => name === '_count' || name === '_cursor');
  let call: Call = sized ? first : { ...first, pairs: [...first.pairs, ['_count', PAGE]] };
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    work.signal.throwIfAborted();
    const body = bodyOf(await ask(parts, work, call));
    yield body;
    work.progress(`${page} pages`);
    const cursor = cursorOf(body);
    if (cursor === undefined) return { text: undefined };
    call = { ...first, pairs: [['_cursor', cursor]], body: undefined };
  }
  return { text: `The search has more than ${MOST_PAGES} pages: the rest is left out.` };
}

async function* single(parts: RequestParts, work: Work): AsyncGenerator<Buffer, Told> {
  yield bodyOf(await ask(parts, work, callOf(work)));
  return { text: undefined };
}

function ask({ routes }: RequestParts, work: Work, call: Call): Promise<Reply> {
  const { route: name } = work.asked as KeptRequest;
  const route = routes().find((one) => routeName(one) === name);
  if (route === undefined) throw new Error(`no route ${name}`);
  return route.handle(call);
}

function callOf({ asked, caller }: Work): Call {
  const { url, params, headers, pairs, body } = asked as KeptRequest;
  const { ip, agent, correlation } = caller;
  return {
    ...{ params, headers, url, pairs, caller, ip, agent, correlation, query: {} },
    body: body === undefined ? undefined : Buffer.from(body, 'base64'),
  };
}

function bodyOf({ body }: Reply): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}

/** Our own pages name their next one by a cursor. */
function cursorOf(page: Buffer): string | undefined {
  const { link } = JSON.parse(page.toString('utf8')) as {
    link?: { relation: string; url: string }[];
  };
  const next = link?.find(({ relation }) => relation === 'next')?.url;
  return next === undefined ? undefined : (/[?&]_cursor=([\w-]+)/.exec(next)?.[1] ?? undefined);
}
