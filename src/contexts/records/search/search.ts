import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { countsOf } from '../count.ts';
import { requireAsOf } from './as-of.ts';
import { MOST_OPENED, narrower, refuseCostly } from './budget.ts';
import { candidates, newest } from './candidates.ts';
import { explainedMatch, explainedPage } from './explain.ts';
import type { After, Found, Page, SearchAsked } from './page.ts';
import { type Plan, planOf } from './plan.ts';
import { storeCanSort } from './sort.ts';
import { sortOpened } from './sort-opened.ts';
import { rowsInOrder } from './statement.ts';
import { opened } from './walk.ts';

/** Counted on the first page without being asked: so much costs under a millisecond. */
const COUNTED_UNASKED = 100;

/** One page of records, in the caller's reach on every alias the statement opens. */
export async function searchPage(asked: SearchAsked, tx: Transaction): Promise<Page> {
  const plan = await planOf(asked, tx);
  const at = requireAsOf(plan, asked.store.now());
  const page = await pageOf(asked, tx, at === undefined ? plan : { ...plan, at });
  const told = [...page.told, ...partialTold(asked)];
  if (plan.unseen.length > 0) {
    told.push(`Your roles do not see these types: ${plan.unseen.join(', ')}.`);
  }
  if (!asked.query.explain) return { ...page, told };
  const lines = await explainedPage(asked, tx, plan, page);
  return { ...page, told, explained: { lines, match: (one) => explainedMatch(asked, plan, one) } };
}

/** A parameter whose older records are still being indexed finds only some of them. */
function partialTold({ store, caller, query }: SearchAsked): string[] {
  const { partial } = store.searchParameters.known(caller.principal.tenant);
  if (partial.size === 0) return [];
  const asked = JSON.stringify([query.where, query.types, query.sort]);
  return [...partial].flatMap(([name, done]) => {
    const [param = ''] = name.split('.').slice(1);
    if (!asked.includes(JSON.stringify(param).slice(1, -1))) return [];
    const [code] = param.split('#');
    return [`${code} is still being indexed, ${done} records so far: others are not found yet.`];
  });
}

async function pageOf(asked: SearchAsked, tx: Transaction, plan: Plan): Promise<Page> {
  const { query } = asked;
  const opens = plan.at !== undefined || plan.parts.some((part) => part.tests.length > 0);
  if (query.summary === 'count' || asked.count === 0) {
    const total = await (opens ? countOpened(asked, tx, plan) : countAll(tx, plan));
    return { found: [], next: undefined, total, told: [] };
  }
  const sorts = plan.at === undefined ? storeCanSort(query) : query.sort.length === 0;
  if (!sorts) return sortOpened(asked, tx, plan);
  if (opens) return openedPage(asked, tx, plan);
  const { after, count } = asked;
  const range = { after, limit: count + 1 };
  const first = after === undefined && query.total === 'none';
  if (first && query.sort.length === 0 && plan.parts.length === 1) {
    const { found: rows, total } = await newest(tx, plan, range, COUNTED_UNASKED);
    const found = rows.slice(0, count);
    const next = rows.length > count ? found.at(-1)?.after : undefined;
    return { found, next, total: next === undefined ? found.length : total, told: [] };
  }
  const rows = await candidates(tx, plan, range);
  const found = rows.slice(0, count);
  const next = rows.length > count ? found.at(-1)?.after : undefined;
  const total = await totalOf(asked, tx, plan, { found, next });
  return { found, next, total, told: [] };
}

/** A first page that holds all says so for nothing; otherwise what was asked, or a little. */
async function totalOf(
  { query, after }: SearchAsked,
  tx: Transaction,
  plan: Plan,
  page: Pick<Page, 'found' | 'next'>,
): Promise<number | undefined> {
  if (after === undefined && page.next === undefined) return page.found.length;
  if (query.total !== 'none') return countAll(tx, plan);
  return after === undefined ? countUpTo(tx, plan, COUNTED_UNASKED) : undefined;
}

/** Whole types are counted as they are written; what is filtered is counted now. */
async function countAll(tx: Transaction, { parts, scope }: Plan): Promise<number> {
  const whole = parts.filter(
    ({ type, clauses }) => clauses.length === 0 && scope.reachKind(type) === 'all',
  );
  let total = 0;
  if (whole.length > 0) {
    const types = whole.map(({ type }) => type);
    for (const { live } of (await countsOf(tx, types)).values()) total += live;
  }
  const filtered = parts.filter((part) => !whole.includes(part));
  if (filtered.length === 0) return total;
  const each = filtered.map(
    ({ where }) => sql`(select count(*) from records.resource r where ${where})`,
  );
  const row = await tx.row<{ total: bigint }>(fresh(sql`select ${join(each, ' + ')} as total`));
  return total + Number(row?.total ?? 0n);
}

/** undefined: there are more than the limit. */
async function countUpTo(
  tx: Transaction,
  { parts }: Plan,
  limit: number,
): Promise<number | undefined> {
  const range = { after: undefined, limit: limit + 1 };
  // In order, as the page is: else the planner may collect all to count a few.
  const each: Sql[] = parts.map((part) => sql`(${rowsInOrder(part, range)})`);
  const statement = sql`select count(*) as total from (${join(each, ' union all ')}) q`;
  const row = await tx.row<{ total: bigint }>(fresh(statement));
  const total = Number(row?.total ?? 0n);
  return total > limit ? undefined : total;
}

/** A page of what only content can decide. */
async function openedPage(asked: SearchAsked, tx: Transaction, plan: Plan): Promise<Page> {
  const { query, count, after } = asked;
  const found: Found[] = [];
  let last: After | undefined;
  let ranOut = false;
  const walk = { asked, tx, plan };
  for await (const one of opened(walk, after, () => {
    ranOut = true;
  })) {
    last = one.found.after;
    if (one.matches) found.push(one.found);
    if (found.length > count) break;
  }
  const page = found.slice(0, count);
  if (ranOut) {
    const text = `${MOST_OPENED} records were opened for this page; its next link goes on.`;
    return { found: page, next: last, total: undefined, told: [`${text} ${narrower}`] };
  }
  const more = found.length > count;
  const next = more ? page.at(-1)?.after : undefined;
  if (after === undefined && !more) return { found: page, next, total: page.length, told: [] };
  const total = query.total === 'none' ? undefined : await countOpened(asked, tx, plan);
  return { found: page, next, total, told: [] };
}

async function countOpened(asked: SearchAsked, tx: Transaction, plan: Plan): Promise<number> {
  const query = { ...asked.query, sort: [] };
  let total = 0;
  const ranOut = () => refuseCostly('Counting the matches', narrower);
  for await (const { matches } of opened(
    { asked, tx, plan: { ...plan, query } },
    undefined,
    ranOut,
  )) {
    if (matches) total += 1;
  }
  return total;
}
