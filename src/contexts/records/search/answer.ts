import type { AuditEntry } from '#audit';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseSearch } from '../../../standards/fhir/search/parse-query.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { SearchRefused } from '../../../standards/fhir/search/search-refused.ts';
import { openCursor, sealCursor } from '../cursor.ts';
import { livingKeys } from '../living-key.ts';
import { recordKinds } from '../problems.ts';
import { readEntry } from '../read.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import { includedWith } from './include.ts';
import type { After, Page } from './page.ts';
import { searchPage } from './search.ts';
import { searchset } from './searchset.ts';
import { type Shown, showRecord } from './show.ts';

export type Pairs = readonly (readonly [string, string])[];

export type Search = {
  readonly store: Store;
  readonly caller: Caller;
  readonly type: string;
  readonly pairs: Pairs;
  /** `Prefer: handling=lenient` (FHIR R4 search.html#errors). */
  readonly lenient: boolean;
};

/** Matches of a page unless asked otherwise. */
const PAGE = 20;

/** FHIR R4 search.html: one page of matches as a searchset Bundle, audited before it leaves. */
export async function answerSearch(asking: Search): Promise<Buffer> {
  const { store, caller } = asking;
  const { lenient, pairs, after } = await resume(asking);
  const search = { ...asking, lenient };
  const query = parsed(search, pairs);
  const count = query.count ?? PAGE;
  // Loaded now: inside, each transaction would wait for a connection the others hold.
  await store.phi.hasher(caller.principal.tenant);
  const asked = { store, caller, query, count, after };
  const { page, matches, included } = await store.database.transaction(
    caller.principal.tenant,
    async (tx) => {
      const page = await searchPage(asked, tx);
      const matches = await showAll(asked, tx, page);
      return { page, matches, included: await includedWith(asked, tx, matches) };
    },
  );
  const next = await nextCursor(search, pairs, count, page);
  await store.audit.release(
    caller.principal.tenant,
    entries(search, query, [...matches, ...included.shown]),
  );
  store.counted('search', matches.length + included.shown.length);
  return searchset({ baseUrl: store.baseUrl, query, page, matches, included, next });
}

async function showAll(
  asked: { store: Store; caller: Caller },
  tx: Transaction,
  page: Page,
): Promise<Shown[]> {
  // All at once, so that each record then finds its key in the cache.
  await livingKeys(
    asked.store,
    tx,
    page.found.map((one) => one.stored.subject),
  );
  const shown: Shown[] = [];
  for (const { stored } of page.found) {
    const one = await showRecord(asked, tx, stored);
    if (one !== undefined) shown.push(one);
  }
  return shown;
}

/** How many match in one transaction, for conditional interactions: at most two are looked at. */
export async function matchesWithin(search: Search, tx: Transaction): Promise<Stored[]> {
  const query = parsed(search, search.pairs);
  if (query.where.length === 0) {
    refuse(recordKinds.mismatch, 'Conditional criteria need at least one search parameter.');
  }
  const { store, caller } = search;
  const page = await searchPage({ store, caller, query, count: 2, after: undefined }, tx);
  return page.found.map(({ stored }) => stored);
}

export function parsed(search: Search, pairs: Pairs): SearchQuery {
  try {
    return parseSearch(search.type, pairs, { lenient: search.lenient, own: search.store.baseUrl });
  } catch (error) {
    if (!(error instanceof SearchRefused)) throw error;
    const issues = error.issues.map((issue) => ({ severity: 'error' as const, ...issue }));
    return refuse(recordKinds.searchRefused, 'The search cannot be answered as asked.', { issues });
  }
}

type CursorState = { search: string; lenient: boolean; pairs: Pairs; after: After };
type Resumed = Pick<CursorState, 'lenient' | 'pairs'> & { after: After | undefined };

const withCursor = new Set(['_cursor', '_format', '_pretty']);

/** A paging link holds nothing but the sealed state: the query's values may be PHI. */
async function resume(search: Search): Promise<Resumed> {
  const { lenient, pairs } = search;
  const token = pairs.find(([name]) => name === '_cursor')?.[1];
  if (token === undefined) return { lenient, pairs, after: undefined };
  if (pairs.some(([name]) => !withCursor.has(name))) {
    refuse(recordKinds.cursor, 'A cursor carries its whole search: send it alone.');
  }
  const state = (await openCursor(search.store, search.caller, token)) as Partial<CursorState>;
  if (state.search !== search.type || state.pairs === undefined || state.after === undefined) {
    return refuse(recordKinds.cursor, 'The cursor belongs to another search.');
  }
  return { lenient: state.lenient === true, pairs: state.pairs, after: state.after };
}

async function nextCursor(
  search: Search,
  pairs: Pairs,
  count: number,
  page: Page,
): Promise<string | undefined> {
  const last = page.found.at(-1);
  if (!page.more || last === undefined || count === 0) return undefined;
  const state: CursorState = {
    ...{ search: search.type, lenient: search.lenient, pairs, after: last.after },
  };
  return sealCursor(search.store, search.caller, state);
}

/** The search itself, naming its parameters but never their values, and every record it showed. */
function entries(search: Search, query: SearchQuery, shown: readonly Shown[]): AuditEntry[] {
  const names = [...new Set(query.used.map(([name]) => name))].slice(0, 30);
  const whole: AuditEntry = {
    type: 'record.search',
    action: 'E',
    outcome: 'success',
    caller: search.caller,
    resourceType: search.type,
    note: { parameters: names, shown: shown.length },
  };
  const { caller } = search;
  return [
    whole,
    ...shown.map((one) => readEntry(caller, 'search', one.stored, one.groups, one.because)),
  ];
}
