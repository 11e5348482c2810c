import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import type { Applied } from '../change.ts';
import type { Match } from '../conditional.ts';
import { type Inside, inside } from '../inside.ts';
import { recordKinds } from '../problems.ts';
import { readRecord, readVersion } from '../read.ts';
import { answerSearch } from '../search/answer.ts';
import type { Store } from '../store.ts';
import { versionNumber } from '../version-tag.ts';
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

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 204: 'No Content' };

export function statusText(status: number): string {
  return `${status} ${reasons[status] ?? 'Error'}`;
}

export function answerOf(store: Store, applied: Applied, json: Buffer | undefined): Answered {
  const { type, id, version, updatedAt, created } = applied;
  return {
    fullUrl: `${store.baseUrl}/${type}/${id}`,
    response: {
      status: statusText(created ? 201 : 200),
      location: `${store.baseUrl}/${type}/${id}/_history/${version}`,
      etag: `W/"${version}"`,
      lastModified: updatedAt.toISOString(),
    },
    ...(json === undefined ? {} : { json }),
  };
}

export function deletedAnswer({ version }: Applied): Answered {
  const etag = version === undefined ? {} : { etag: `W/"${version}"` };
  return { response: { status: statusText(204), ...etag } };
}

/** A conditional create that found its record. */
export function unchangedAnswer(store: Store, entry: Entry, match: Match): Answered {
  return answerOf(store, { type: entry.type, ...match, created: false }, undefined);
}

/** A GET entry: inside the transaction it sees what the other entries have just done. */
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
      return { response: { status: statusText(200) }, json: await answerSearch(search) };
    }
    const one = { store, caller, type: entry.type, id: entry.id };
    const read = await (entry.versionId === undefined
      ? readRecord(one)
      : readVersion({ ...one, version: requireVersion(entry.versionId) }));
    const { stored, rendered } = read;
    return {
      fullUrl: `${store.baseUrl}/${stored.type}/${stored.id}`,
      response: {
        status: statusText(200),
        etag: `W/"${stored.version}"`,
        lastModified: stored.updatedAt.toISOString(),
      },
      json: rendered.json,
    };
  } catch (error) {
    throw inEntry(error, entry.index);
  }
}

function requireVersion(text: string): number {
  const unknown = 'No such version: versions are numbers from 1.';
  return versionNumber(text) ?? refuse(recordKinds.notFound, unknown);
}

/** The response Bundle, joined from bytes. */
export function responseBundle(type: string, answers: readonly Answered[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`{"resourceType":"Bundle","type":"${type}","entry":[`)];
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
