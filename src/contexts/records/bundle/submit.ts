import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { resourceFrom } from '../body.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { runBatch } from './batch.ts';
import { type BundleResource, entryFrom, MOST_ENTRIES } from './entry.ts';
import { responseBundle } from './response.ts';
import { runTransaction } from './transaction.ts';

type Asked = { readonly store: Store; readonly caller: Caller; readonly representation: boolean };

/** POST on the base: a transaction or a batch Bundle; answers the response Bundle's bytes. */
export async function submitBundle(asked: Asked, body: Buffer | undefined): Promise<Buffer> {
  const bundle = resourceFrom(body, false) as BundleResource;
  if (bundle.resourceType !== 'Bundle') {
    refuse(recordKinds.mismatch, 'The base takes a Bundle; post other types to their own path.');
  }
  const entries = bundle.entry ?? [];
  if (entries.length > MOST_ENTRIES) {
    refuse(recordKinds.tooCostly, `A Bundle may have ${MOST_ENTRIES} entries; send several.`);
  }
  if (bundle.type === 'batch') {
    return responseBundle('batch-response', await runBatch(asked, bundle));
  }
  if (bundle.type !== 'transaction') {
    refuse(recordKinds.transaction, 'The Bundle is of type transaction or batch.');
  }
  const read = entries.map((entry, index) => entryFrom(entry, index, asked.store.baseUrl));
  return responseBundle('transaction-response', await runTransaction(asked, read));
}
