import { Readable } from 'node:stream';
import type { AuditEntry } from '#audit';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { dateRange } from '../../../standards/fhir/search/date-range.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { openCursor, sealCursor } from '../cursor.ts';
import { recordKinds } from '../problems.ts';
import { type Read, readEntry } from '../read.ts';
import { understood } from '../search/answer.ts';
import { newBudget } from '../search/budget.ts';
import type { After } from '../search/page.ts';
import { searchPage } from '../search/search.ts';
import { type Shown, showRecord } from '../search/show.ts';
import type { Store } from '../store.ts';
import { careBetween } from './care-date.ts';
import type { EverythingOrder } from './everything-order.ts';
import type { Gathering } from './gathering.ts';
import { referencedBy } from './referenced.ts';
import { recordEntry, searchsetHead, searchsetText, toldEntry } from './searchset-text.ts';

export type Compartment = { readonly type: 'Patient' | 'Encounter'; readonly id: string };

export type EverythingAsked = {
  readonly store: Store;
  readonly caller: Caller;
  /** `Patient/1/$everything`, for links. */
  readonly path: string;
  readonly order: EverythingOrder;
  /** What is gathered; the records they are called by are read already. */
  readonly compartments: readonly Compartment[];
  readonly heads: readonly Read[];
};

/** Records opened for one page of a streamed answer: about 20 ms and 1 MB. */
const STREAMED = 500;

type Place = { readonly compartment: number; readonly after: After | undefined };
type Page = {
  matches: readonly Shown[];
  included: readonly Shown[];
  told: readonly string[];
  next: Place | undefined;
};

/**
 * The Bundle of an $everything. Without `_count` it is streamed: a page is decided, audited and
 * sent before the next is read. The first page is read before anything is answered, so that a
 * refusal is one.
 */
export async function everything(asked: EverythingAsked): Promise<Buffer | Readable> {
  const { store, caller, order } = asked;
  await store.phi.hasher(caller.principal.tenant);
  const from = await placeOf(asked);
  const gathering = gatheringOf(asked);
  const first = await page(asked, gathering, from, order.count ?? STREAMED);
  const head = headsAt(asked, from);
  if (order.count !== undefined) return whole(asked, head, first);
  return Readable.from(streamed(asked, gathering, head, first), { objectMode: false });
}

function gatheringOf({ store, caller, heads }: EverythingAsked): Gathering {
  return {
    asked: { store, caller },
    known: new Set(heads.map(({ stored }) => stored.self)),
    subjects: new Set(heads.map(({ stored }) => stored.subject).filter((one) => one !== 0n)),
  };
}

/** The records asked about come first, and on the first page only. */
function headsAt({ heads, order }: EverythingAsked, { compartment, after }: Place): Read[] {
  return compartment === 0 && after === undefined ? heads.filter((one) => wanted(order, one)) : [];
}

/** Whether `_type` and `_since` leave it in. */
function wanted({ types, since }: EverythingOrder, { stored }: Pick<Read, 'stored'>): boolean {
  if (types !== undefined && !types.split(',').includes(stored.type)) return false;
  const from = since === undefined ? undefined : dateRange(since)?.low;
  return from === undefined || stored.updatedAt.getTime() >= from;
}

async function page(
  asked: EverythingAsked,
  gathering: Gathering,
  from: Place,
  count: number,
): Promise<Page> {
  const { store, caller } = asked;
  const { tenant } = caller.principal;
  const within = asked.compartments[from.compartment];
  if (within === undefined) return { matches: [], included: [], told: [], next: undefined };
  const query = await queryOf(asked, within);
  const { after } = from;
  const found = await store.database.transaction(tenant, async (tx) => {
    const some = await searchPage({ store, caller, query, count, after, budget: newBudget() }, tx);
    const matches: Shown[] = [];
    for (const { stored } of some.found) {
      if (gathering.known.has(stored.self)) continue;
      gathering.known.add(stored.self);
      const shown = await showRecord({ store, caller }, tx, stored);
      if (shown !== undefined) matches.push(shown);
    }
    const heads = headsAt(asked, from).map(({ rendered }) => rendered);
    const referenced = await referencedBy(gathering, tx, [...heads, ...matches]);
    return { some, matches, included: referenced.filter((one) => wanted(asked.order, one)) };
  });
  const { some, matches, included } = found;
  await store.audit.release(tenant, entries(asked, [...matches, ...included]));
  store.counted('search', matches.length + included.length);
  const { next: rest, told } = some;
  const more = from.compartment + 1 < asked.compartments.length;
  const following = more ? { compartment: from.compartment + 1, after: undefined } : undefined;
  const next = rest === undefined ? following : { ...from, after: rest };
  // What a role does not see is said once.
  return { matches, included, told: from.after === undefined ? told : [], next };
}

/** All that is in the compartment, as asked. */
async function queryOf(
  { store, caller, order }: EverythingAsked,
  within: Compartment,
): Promise<SearchQuery> {
  const { types, since } = order;
  const pairs: [string, string][] = [];
  if (types !== undefined) pairs.push(['_type', types]);
  if (since !== undefined) pairs.push(['_lastUpdated', `ge${since}`]);
  const search = { store, caller, type: undefined, within, pairs, lenient: false };
  const query = await understood(search, pairs);
  const bounds = { start: order.start, end: order.end };
  const add = (part: { type: string; where: SearchQuery['where'] }) => {
    const clause = careBetween(part.type, bounds);
    return clause === undefined ? part : { ...part, where: [...part.where, clause] };
  };
  return query.types === undefined ? query : { ...query, types: query.types.map(add) };
}

function entries({ caller, path }: EverythingAsked, shown: readonly Shown[]): AuditEntry[] {
  const operation = path.replace(/\/[^/]*(?=\/\$)/, '');
  const whole: AuditEntry = {
    ...{ type: 'record.operation', action: 'E', outcome: 'success', caller },
    note: { operation, shown: shown.length },
  };
  return [
    whole,
    ...shown.map((one) => readEntry(caller, 'search', one.stored, one.groups, one.because)),
  ];
}

async function placeOf({ store, caller, order, path }: EverythingAsked): Promise<Place> {
  if (order.cursor === undefined) return { compartment: 0, after: undefined };
  const state = (await openCursor(store, caller, order.cursor)) as
    | { everything?: string; place?: Place }
    | undefined;
  if (state?.everything !== path || state.place === undefined) {
    return refuse(recordKinds.cursor, 'The cursor belongs to something else.');
  }
  return state.place;
}

/** One page, with a link to the next. */
async function whole(asked: EverythingAsked, head: readonly Read[], page: Page): Promise<Buffer> {
  const { store, caller, path, order } = asked;
  const { cursor: _, ...same } = order;
  const cursor =
    page.next === undefined
      ? undefined
      : await sealCursor(store, caller, { everything: path, place: page.next, order: same });
  const entries = pageEntries(asked, head, page);
  return searchsetText({ url: addressOf(asked), ...(cursor && { next: cursor }) }, entries);
}

function addressOf({ store, path }: EverythingAsked): string {
  return `${store.baseUrl}/${path}`;
}

async function* streamed(
  asked: EverythingAsked,
  gathering: Gathering,
  head: readonly Read[],
  first: Page,
): AsyncGenerator<Buffer> {
  let sent = 0;
  const of = { url: addressOf(asked), total: undefined, next: undefined };
  yield Buffer.from(searchsetHead(of));
  for (let one: Page | undefined = first; one !== undefined; ) {
    const pieces = pageEntries(asked, one === first ? head : [], one);
    for (const piece of pieces) {
      yield Buffer.concat([sent === 0 ? begin : comma, piece]);
      sent += 1;
    }
    one = one.next === undefined ? undefined : await page(asked, gathering, one.next, STREAMED);
  }
  yield Buffer.from(sent === 0 ? '}' : ']}');
}

const begin = Buffer.from(',"entry":[');
const comma = Buffer.from(',');

function pageEntries(
  { store }: EverythingAsked,
  head: readonly Read[],
  { matches, included, told }: Page,
): Buffer[] {
  const entry = (mode: 'match' | 'include') => (one: Pick<Shown, 'stored' | 'json'>) =>
    recordEntry(store.baseUrl, one, { mode });
  const heads = head.map(({ stored, rendered }) => ({ stored, json: rendered.json }));
  return [
    ...[...heads, ...matches].map(entry('match')),
    ...included.map(entry('include')),
    ...toldEntry(told),
  ];
}
