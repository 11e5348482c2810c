import type { Caller } from '../../../platform/principal.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import type { Budget } from './budget.ts';
import type { Shown } from './show.ts';

export type SearchAsked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly query: SearchQuery;
  readonly count: number;
  readonly after: After | undefined;
  readonly budget: Budget;
};

/** Where the last page ended: its sort values as text, then its row. */
export type After = { readonly keys: readonly string[]; readonly row: string };

export type Found = { readonly stored: Stored; readonly after: After };

export type Page = {
  readonly found: readonly Found[];
  /** Where the next page begins; undefined: there is none. */
  readonly next: After | undefined;
  /** How many match in all; undefined when not asked or above what is counted unasked. */
  readonly total: number | undefined;
  /** What was left out or cut short, in words for the caller. */
  readonly told: readonly string[];
  /** `_explain`: how it was answered, and how to tell what a match answers by. */
  readonly explained?: {
    readonly lines: readonly string[];
    readonly match: (shown: Shown) => string | undefined;
  };
};
