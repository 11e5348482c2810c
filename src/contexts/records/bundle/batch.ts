import { asProblem, problemBody } from '../../../platform/http/problem-body.ts';
import type { Caller } from '../../../platform/principal.ts';
import { guarded } from '../allow.ts';
import type { Store } from '../store.ts';
import { type BundleResource, entryFrom } from './entry.ts';
import { type Answered, answerRead } from './response.ts';
import { runTransaction } from './transaction.ts';

type Asked = { readonly store: Store; readonly caller: Caller; readonly representation: boolean };

/**
 * FHIR R4 http.html#batch: each entry for itself, in order; one that fails says so and the rest go
 * on.
 */
export async function runBatch(asked: Asked, bundle: BundleResource): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (const [index, written] of (bundle.entry ?? []).entries()) {
    try {
      const entry = entryFrom(written, index, asked.store.baseUrl);
      if (entry.method === 'GET') {
        const { store, caller } = asked;
        answers.push(await guarded(store, caller, () => answerRead(asked, entry)));
      } else {
        answers.push(...(await runTransaction(asked, [entry])));
      }
    } catch (error) {
      answers.push(failed(asked, error));
    }
  }
  return answers;
}

function failed({ store, caller }: Asked, error: unknown): Answered {
  const problem = asProblem(error);
  const { status } = problem.kind;
  if (status >= 500) {
    store.log.error({ err: error, correlation: caller.correlation }, 'batch entry failed');
  }
  const outcome = problemBody(problem, 'fhir', caller.correlation);
  return { response: { status: `${status} ${problem.kind.code}`, outcome } };
}
