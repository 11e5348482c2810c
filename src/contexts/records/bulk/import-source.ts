import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { kinds, refuse } from '../../../platform/problem.ts';
import type { AnswerFolder } from './answer-folder.ts';
import type { ImportInput, ImportOrder } from './import-order.ts';

/** Bytes of text one input may have, unpacked: two million resources. */
export const LARGEST_INPUT = 4 * 1024 * 1024 * 1024;
/** Between two pieces of a file that is fetched. */
const SILENCE_MS = 60_000;

/** The bytes of an input; throws a Problem when they cannot be had. */
export async function sourceOf(
  folder: AnswerFolder,
  tenant: number,
  order: ImportOrder,
  input: ImportInput,
): Promise<AsyncIterable<Uint8Array>> {
  if (input.from === 'upload') {
    const { upload = '', secret = '' } = order;
    return folder.read({ tenant, job: upload, name: 'input', secret });
  }
  return bounded(await fetched(input.url));
}

/** No redirect: it might lead to a host nobody allowed. */
async function fetched(url: string): Promise<AsyncIterable<Uint8Array>> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), SILENCE_MS);
  const headers = { accept: 'application/fhir+ndjson' };
  const answer = await fetch(url, { headers, redirect: 'error', signal: silent.signal }).catch(
    (cause: unknown) =>
      refuse(kinds.badRequest, 'A file of the import cannot be fetched.', { cause }),
  );
  if (answer.status !== 200 || answer.body === null) {
    clearTimeout(timer);
    return refuse(kinds.badRequest, `A file of the import answered with ${answer.status}.`);
  }
  const { body } = answer;
  return (async function* () {
    try {
      for await (const piece of body) {
        timer.refresh();
        yield piece;
      }
    } finally {
      clearTimeout(timer);
    }
  })();
}

/** What was sent, unpacked where it says so. */
export function uploaded(body: Readable, encoding: string | undefined): AsyncIterable<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') return bounded(body);
  if (encoding !== 'gzip') refuse(kinds.mediaType, 'Content-Encoding is gzip, or none.');
  const gunzip = createGunzip();
  body.on('error', (error) => gunzip.destroy(error));
  return bounded(body.pipe(gunzip));
}

async function* bounded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > LARGEST_INPUT) refuse(kinds.tooLarge, 'An input has 4 GiB at most: send several.');
    yield piece;
  }
}
