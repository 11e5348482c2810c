import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { Breath } from '../breath.ts';
import { type Keeping, once } from '../idempotency/once.ts';
import { type Ticket, ticketOfEntry } from '../idempotency/ticket.ts';
import type { Preference } from '../prefer.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import type { Frame } from '../transact.ts';
import { runBatch } from './batch.ts';
import { type Entry, entryFrom } from './entry.ts';
import type { OtherRequests } from './other-request.ts';
import { readBundle } from './read-bundle.ts';
import { type Answered, responseBundle } from './response.ts';
import { runTransaction } from './transaction.ts';

type Asked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly preference: Preference;
  /** Of the Idempotency-Key it came with. */
  readonly ticket?: Ticket | undefined;
  /** Answers what a batch asks beyond interactions and searches; without it that is refused. */
  readonly others?: OtherRequests | undefined;
};

export type Submitted = { readonly body: Buffer; readonly replayed: boolean };

/** POST on the base: a transaction or a batch Bundle; answers the response Bundle's bytes. */
export async function submitBundle(asked: Asked, body: Buffer | undefined): Promise<Submitted> {
  const { type, entries } = await readBundle(body);
  const { preference, store } = asked;
  const rehearsal = preference.validateOnly;
  const tag = rehearsal ? rehearsed : undefined;
  const frames = { ...asked, rehearsal, ticket: asked.ticket };
  if (type === 'batch') {
    let replayed = false;
    const around = async (
      index: number,
      work: (frame: Frame<Answered[]> | undefined) => Promise<Answered[]>,
    ) => {
      const ticket = ticketOfEntry(asked.ticket, index);
      const done = await once({ ...frames, ticket }, keeping, work);
      replayed ||= done.replayed;
      return done.result;
    };
    const answers = await runBatch({ ...asked, around }, entries);
    return { body: responseBundle('batch-response', answers, tag), replayed };
  }
  if (type !== 'transaction') {
    refuse(recordKinds.transaction, 'The Bundle is of type transaction or batch.');
  }
  const read: Entry[] = [];
  const breath = new Breath();
  for (const [index, entry] of entries.entries()) {
    read.push(entryFrom(entry, index, store.baseUrl));
    if (breath.due()) await breath.take();
  }
  entries.length = 0;
  const { result, replayed } = await once(frames, keeping, (frame) =>
    runTransaction({ ...asked, frame }, read),
  );
  return { body: responseBundle('transaction-response', result, tag), replayed };
}

/** Of a Bundle's answers without the records they showed: those are read again where they are. */
const keeping: Keeping<Answered[]> = {
  write: (answers) =>
    JSON.stringify(answers.map(({ fullUrl, response }) => ({ fullUrl, response }))),
  read: (text) => JSON.parse(text) as Answered[],
};

const rehearsed = {
  system: 'urn:medconnect:bundle',
  code: 'validate-only',
  display: 'Nothing of this was kept',
};
