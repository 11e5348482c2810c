import { asProblem, problemBody } from '../../../platform/http/problem-body.ts';
import type { Caller } from '../../../platform/principal.ts';
import { guarded } from '../allow.ts';
import type { Preference } from '../prefer.ts';
import type { Store } from '../store.ts';
import type { Frame } from '../transact.ts';
import { entryFrom, isRead, type Written } from './entry.ts';
import type { OtherRequests } from './other-request.ts';
import { type Answered, answerRead } from './response.ts';
import { runTransaction } from './transaction.ts';

export type BatchAsked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly preference: Preference;
  readonly others?: OtherRequests | undefined;
  /** Runs the write of one entry, which has a transaction of its own. */
  readonly around: (
    index: number,
    work: (frame: Frame<Answered[]> | undefined) => Promise<Answered[]>,
  ) => Promise<Answered[]>;
};

/**
 * FHIR R4 http.html#batch: each entry for itself, in order; one that fails says so and the rest go
 * on.
 */
export async function runBatch(
  asked: BatchAsked,
  entries: readonly Written[],
): Promise<Answered[]> {
  const { store, caller } = asked;
  const answers: Answered[] = [];
  for (const [index, written] of entries.entries()) {
    try {
      const other = asked.others?.(written);
      if (other !== undefined) {
        answers.push(await other(caller, asked.preference));
        continue;
      }
      const entry = entryFrom(written, index, store.baseUrl);
      if (isRead(entry)) {
        answers.push(await guarded(store, caller, () => answerRead(asked, entry)));
        continue;
      }
      const run = (frame: Frame<Answered[]> | undefined) =>
        runTransaction({ ...asked, frame }, [{ ...entry }]);
      answers.push(...(await asked.around(index, run)));
    } catch (error) {
      answers.push(failed(asked, error));
    }
  }
  return answers;
}

function failed({ store, caller }: BatchAsked, error: unknown): Answered {
  const problem = asProblem(error);
  const { status } = problem.kind;
  if (status >= 500) {
    store.log.error({ err: error, correlation: caller.correlation }, 'batch entry failed');
  }
  const outcome = problemBody(problem, 'fhir', caller.correlation);
  return { response: { status: `${status} ${problem.kind.code}`, outcome } };
}
