import type { Caller } from '../../../platform/principal.ts';
import type { Store } from '../store.ts';

/** What one answer has shown so far, so that nothing comes twice. */
export type Gathering = {
  readonly asked: { readonly store: Store; readonly caller: Caller };
  /** Blind names of records shown, or found to be of no use. */
  readonly known: Set<bigint>;
  /** Whose records belong into it, beside nobody's. */
  readonly subjects: Set<bigint>;
};
