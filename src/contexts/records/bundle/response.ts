import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import type { Applied } from '../change.ts';
import type { Match } from '../conditional.ts';
import { type Inside, inside } from '../inside.ts';
import type { Preference } from '../prefer.ts';
import { recordKinds } from '../problems.ts';
import { readRecord, readVersion } from '../read.ts';
import { isKnown } from '../read-reply.ts';
import { answerSearch } from '../search/answer.ts';
import type { Store } from '../store.ts';
import { versionNumber } from '../version-tag.ts';
import { said } from '../write-reply.ts';
import { type Entry, inEntry } from './entry.ts';

/** One entry of a transaction-response or batch-response. */
export type Answered = {
  readonly response: {
    readonly status: string;
    readonly location?: string;
    readonly etag?: string;
    readonly lastModified?: string;
    readonly outcome?: object;
  };
  readonly fullUrl?: string;
  readonly json?: Buffer;
};

const reasons: Readonly<Record<number, string>> = {
  ...{ 200: 'OK', 201: 'Created', 204: 'No Content', 304: 'Not Modified' },
};

export function statusText(status: number): string {
  return `${status} ${reasons[status] ?? 'Error'}`;
}

type Asked = { readonly store: Store; readonly preference: Preference };

export function answerOf(
  asked: Asked,
  applied: Applied,
  json: Buffer | undefined,
  unknownProfiles?: readonly string[],
): Answered {
  const { store } = asked;
  const { type, id, version, updatedAt, created } = applied;
  return {
    fullUrl: `${store.baseUrl}/${type}/${id}`,
    response: {
      status: statusText(created ? 201 : 200),
      location: `${store.baseUrl}/${type}/${id}/_history/${version}`,
      etag: `W/"${version}"`,
      lastModified: updatedAt.toISOString(),
      ...outcomeOf(asked, created ? 'Created' : 'Done', { ...applied, unknownProfiles }),
    },
    ...(json === undefined ? {} : { json }),
  };
}

export function deletedAnswer(asked: Asked, applied: Applied): Answered {
  const { version } = applied;
  const etag = version === undefined ? {} : { etag: `W/"${version}"` };
  const word = version === undefined ? 'There was nothing to delete' : 'Deleted';
  return { response: { status: statusText(204), ...etag, ...outcomeOf(asked, word, applied) } };
}

/** A conditional create that found its record. */
export function unchangedAnswer(asked: Asked, entry: Entry, match: Match): Answered {
  const { id, version, updatedAt } = match;
  return answerOf(asked, { type: entry.type, id, version, updatedAt, created: false }, undefined);
}

type Told = Pick<Applied, 'indexed'> & { unknownProfiles?: readonly string[] | undefined };

/** `Prefer: return=OperationOutcome`, what a rehearsal would have done, and what must be said. */
function outcomeOf({ preference }: Asked, word: string, told: Told): { outcome?: object } {
  if (preference.validateOnly) {
    const rows = told.indexed === undefined ? '' : `, with ${told.indexed} index rows`;
    return { outcome: said(`Would be: ${word}${rows}. Nothing was kept.`, told) };
  }
  const asked = preference.return === 'OperationOutcome' || told.unknownProfiles !== undefined;
  return asked ? { outcome: said(word, told) } : {};
}

/** A GET or HEAD entry: inside the transaction it sees what the other entries have just done. */
export async function answerRead(
  asked: { store: Store; caller: Caller } & (Inside | { tx?: undefined }),
  entry: Entry,
): Promise<Answered> {
  const store = asked.tx === undefined ? asked.store : inside(asked.store, asked);
  const { caller } = asked;
  try {
    if (entry.id === undefined) {
      const pairs = [...new URLSearchParams(entry.query ?? '')];
      const search = { store, caller, type: entry.type, pairs, lenient: false };
      const json = await answerSearch(search);
      const response = { status: statusText(200) };
      return entry.method === 'HEAD' ? { response } : { response, json };
    }
    const one = { store, caller, type: entry.type, id: entry.id };
    const read = await (entry.versionId === undefined
      ? readRecord(one)
      : readVersion({ ...one, version: requireVersion(entry.versionId) }));
    const { stored, rendered } = read;
    const known = isKnown(stored, conditionsOf(entry));
    return {
      fullUrl: `${store.baseUrl}/${stored.type}/${stored.id}`,
      response: {
        status: statusText(known ? 304 : 200),
        etag: `W/"${stored.version}"`,
        lastModified: stored.updatedAt.toISOString(),
      },
      ...(known || entry.method === 'HEAD' ? {} : { json: rendered.json }),
    };
  } catch (error) {
    throw inEntry(error, entry.index);
  }
}

/** FHIR R4 bundle.html: an entry's ifNoneMatch and ifModifiedSince (an instant) are the headers. */
function conditionsOf({ ifNoneMatch, ifModifiedSince }: Entry): Record<string, string> {
  return {
    ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
    ...(ifModifiedSince === undefined ? {} : { 'if-modified-since': ifModifiedSince }),
  };
}

function requireVersion(text: string): number {
  const unknown = 'No such version: versions are numbers from 1.';
  return versionNumber(text) ?? refuse(recordKinds.notFound, unknown);
}

/** The response Bundle, joined from bytes. `tag`: what is to be known of it as a whole. */
export function responseBundle(
  type: string,
  answers: readonly Answered[],
  tag: object | undefined = undefined,
): Buffer {
  const meta = tag === undefined ? '' : `,"meta":${JSON.stringify({ tag: [tag] })}`;
  if (answers.length === 0) return Buffer.from(`{"resourceType":"Bundle"${meta},"type":"${type}"}`);
  const head = `{"resourceType":"Bundle"${meta},"type":"${type}","entry":[`;
  const pieces: Buffer[] = [Buffer.from(head)];
  answers.forEach(({ fullUrl, json, response }, index) => {
    const open = index === 0 ? '{' : ',{';
    const url = fullUrl === undefined ? '' : `"fullUrl":${JSON.stringify(fullUrl)},`;
    pieces.push(Buffer.from(`${open}${url}`));
    if (json !== undefined) pieces.push(Buffer.from('"resource":'), json, Buffer.from(','));
    pieces.push(Buffer.from(`"response":${JSON.stringify(response)}}`));
  });
  pieces.push(Buffer.from(']}'));
  return Buffer.concat(pieces);
}
