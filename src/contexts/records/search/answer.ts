import type { AuditEntry } from '#audit';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { compartmentTypes, inCompartment } from '../../../standards/fhir/compartment-search.ts';
import { parseSearch, type SearchOptions } from '../../../standards/fhir/search/parse-query.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { SearchRefused } from '../../../standards/fhir/search/search-refused.ts';
import { openCursor, sealCursor } from '../cursor.ts';
import { livingKeys } from '../living-key.ts';
import { recordKinds } from '../problems.ts';
import { readEntry } from '../read.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import { narrower, newBudget, refuseCostly, refuseTooLong } from './budget.ts';
import { includedWith } from './include.ts';
import type { After, Page } from './page.ts';
import { withCodes } from './resolve-codes.ts';
import { searchPage } from './search.ts';
import { searchset } from './searchset.ts';
import { type Shown, showRecord } from './show.ts';

export type Pairs = readonly (readonly [string, string])[];

export type Search = {
  readonly store: Store;
  readonly caller: Caller;
  /** undefined: all types, or those `_type` names. */
  readonly type: string | undefined;
  /** Only what is in this compartment (FHIR R4 compartmentdefinition.html). */
  readonly within?: { readonly type: string; readonly id: string };
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
  const query = await understood(search, pairs, { ignoreEmpty: true });
  const count = query.count ?? PAGE;
  // Loaded now: inside, each transaction would wait for a connection the others hold.
  await store.phi.hasher(caller.principal.tenant);
  const { page, matches, included } = await withinTime(() =>
    store.searches.read(caller.principal.tenant, shapeOf(search, query), async (tx) => {
      const asked = { store, caller, query, count, after, budget: newBudget() };
      const page = await searchPage(asked, tx);
      const matches = await showAll(asked, tx, page);
      return { page, matches, included: await includedWith(asked, tx, matches) };
    }),
  );
  const next = await nextCursor(search, pairs, page);
  await store.audit.release(
    caller.principal.tenant,
    entries(search, query, [...matches, ...included.shown]),
  );
  store.counted('search', matches.length + included.shown.length);
  const path = pathOf(search);
  return searchset({ baseUrl: store.baseUrl, path, query, page, matches, included, next });
}

/** What searches of about the same cost have in common: names of parameters, which are no PHI. */
function shapeOf(search: Search, query: SearchQuery): string {
  return `${search.type ?? '*'}?${query.used.map(([name]) => name).join('&')}`;
}

/** Below the base: `Observation`, `Patient/1/Observation`, `Patient/1/*`, or nothing. */
function pathOf({ type, within }: Pick<Search, 'type' | 'within'>): string {
  if (within === undefined) return type ?? '';
  return `${within.type}/${within.id}/${type ?? '*'}`;
}

/** A statement the database cut off (57014) was too much to ask, not a fault. */
async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '57014') {
      refuseTooLong(error);
    }
    throw error;
  }
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
  const query = await understood(search, search.pairs);
  if (query.where.length === 0) {
    refuse(recordKinds.mismatch, 'Conditional criteria need at least one search parameter.');
  }
  const { store, caller } = search;
  const asked = { store, caller, query, count: 2, after: undefined, budget: newBudget() };
  const { found, next } = await withinTime(() => searchPage(asked, tx));
  if (found.length < 2 && next !== undefined) refuseCostly('The criteria', narrower);
  return found.map(({ stored }) => stored);
}

/**
 * The query, read by the tenant's own parameters too, with the codes of value sets in their place.
 * Before a transaction: it may need connections of its own.
 */
export async function understood(
  search: Search,
  pairs: Pairs,
  asked: Pick<SearchOptions, 'ignoreEmpty'> = {},
): Promise<SearchQuery> {
  const { store, caller, type, within, lenient } = search;
  const { registry } = await store.searchParameters.of(caller.principal.tenant);
  const now = store.now().getTime();
  const options = { ...asked, lenient, own: store.baseUrl, registry, now };
  let query: SearchQuery;
  try {
    query =
      within === undefined
        ? parseSearch(type ?? 'Resource', pairs, options)
        : inside(within, type, pairs, options);
  } catch (error) {
    if (!(error instanceof SearchRefused)) throw error;
    const issues = error.issues.map((issue) => ({ severity: 'error' as const, ...issue }));
    return refuse(recordKinds.searchRefused, 'The search cannot be answered as asked.', { issues });
  }
  return withCodes(search, query, registry);
}

/** The query with what puts a record into the compartment as one more clause of each type. */
function inside(
  { type: compartment, id }: { type: string; id: string },
  type: string | undefined,
  pairs: Pairs,
  options: SearchOptions,
): SearchQuery {
  const members = compartmentTypes(compartment);
  const some = type === undefined ? members : members?.filter((one) => one === type);
  if (members === undefined || some === undefined || some.length === 0) {
    const is = members === undefined ? 'There is no compartment' : `${type} is in no compartment`;
    return refuse(recordKinds.noRoute, `${is} of ${compartment}.`);
  }
  const asked = pairs.some(([name]) => name === '_type');
  const all: Pairs = asked ? pairs : [...pairs, ['_type', some.join(',')]];
  const query = parseSearch(type ?? 'Resource', type === undefined ? all : pairs, options);
  const add = (part: { type: string; where: Clause[] }) => {
    const clause = inCompartment(compartment, id, part.type);
    return clause === undefined ? [] : [{ type: part.type, where: [clause, ...part.where] }];
  };
  const { types } = query;
  if (types === undefined) return { ...query, where: add(query)[0]?.where ?? query.where };
  const used = asked ? query.used : query.used.filter(([name]) => name !== '_type');
  return { ...query, used, types: types.flatMap(add) };
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
  if (state.search !== pathOf(search) || state.pairs === undefined || state.after === undefined) {
    return refuse(recordKinds.cursor, 'The cursor belongs to another search.');
  }
  return { lenient: state.lenient === true, pairs: state.pairs, after: state.after };
}

async function nextCursor(search: Search, pairs: Pairs, page: Page): Promise<string | undefined> {
  if (page.next === undefined) return undefined;
  const state: CursorState = {
    ...{ search: pathOf(search), lenient: search.lenient, pairs, after: page.next },
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
    ...(search.type === undefined ? {} : { resourceType: search.type }),
    note: { parameters: names, shown: shown.length },
  };
  const { caller } = search;
  return [
    whole,
    ...shown.map((one) => readEntry(caller, 'search', one.stored, one.groups, one.because)),
  ];
}
