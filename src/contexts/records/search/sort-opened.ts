import type { Transaction } from '../../../platform/postgres/database.ts';
import { extractIndex } from '../../../standards/fhir/search/extract.ts';
import type { IndexValue } from '../../../standards/fhir/search/index-value.ts';
import { normalizeString } from '../../../standards/fhir/search/normalize.ts';
import type { SortKey } from '../../../standards/fhir/search/search-query.ts';
import type { Resource } from '../prepare.ts';
import type { Stored } from '../stored.ts';
import { refuseCostly } from './budget.ts';
import type { Found, Page, SearchAsked } from './page.ts';
import type { Plan } from './plan.ts';
import { opened } from './walk.ts';

/** Characters of a text that decide its place: more would not fit into a paging link. */
const SORTED_BY = 100;

/**
 * Names and codes are stored as hashes, which have no order: the matches are opened block by block
 * and sorted by what the caller may see of them; no more than a page of them is kept.
 */
export async function sortOpened(asked: SearchAsked, tx: Transaction, plan: Plan): Promise<Page> {
  const { sort } = asked.query;
  const names = sort.map((key) => key.param).join(', ');
  const ranOut = () =>
    refuseCostly(
      `Sorting by ${names}`,
      'Narrow the search, or sort by _lastUpdated, _id, or a date, number or quantity.',
    );
  const walk = { asked, tx, plan: { ...plan, query: { ...asked.query, sort: [] } } };
  const order = (a: Pick<Found, 'after'>, b: Pick<Found, 'after'>) => compare(sort, a, b);
  const keep = asked.count + 1;
  const { after } = asked;
  let first: Found[] = [];
  let total = 0;
  for await (const one of opened(walk, undefined, ranOut)) {
    if (!one.matches) continue;
    total += 1;
    const { stored } = one.found;
    const keys = sortKeys(asked, stored, one.resource);
    const found = { stored, after: { keys, row: `${stored.row}` } };
    if (after !== undefined && order(found, { after }) <= 0) continue;
    first.push(found);
    if (first.length >= 4 * keep) first = first.sort(order).slice(0, keep);
  }
  first.sort(order);
  const found = first.slice(0, asked.count);
  const next = first.length > asked.count ? found.at(-1)?.after : undefined;
  return { found, next, total, told: [] };
}

/**
 * One text per sort key; a missing value is '' and goes last, a present one begins with a letter.
 */
function sortKeys(asked: SearchAsked, stored: Stored, resource: Resource): string[] {
  const { registry } = asked.store.searchParameters.known(asked.caller.principal.tenant);
  const values = extractIndex(resource, asked.store.baseUrl, registry);
  return asked.query.sort.map((key) => {
    if (key.kind === 'updated') return `v${stored.updatedAt.toISOString()}`;
    if (key.kind === 'id') return `v${stored.id}`;
    const params = key.params ?? [key.param];
    const texts = values.filter((value) => params.includes(value.param)).map(textOf);
    const sorted = texts.sort((a, b) => (a < b ? -1 : 1));
    const chosen = key.descending ? sorted.at(-1) : sorted[0];
    return chosen === undefined ? '' : `v${chosen.slice(0, SORTED_BY)}`;
  });
}

function textOf(value: IndexValue): string {
  switch (value.kind) {
    case 'string':
      return normalizeString(value.value);
    case 'token':
      return value.code;
    case 'uri':
    case 'birth-date':
      return value.value;
    case 'reference':
      return value.url ?? `${value.type}/${value.id}`;
    case 'date':
      return ordered(value.low);
    case 'quantity':
      return ordered(value.value);
    case 'composite':
      return '';
  }
}

/** A number as text that sorts like it: its bits, the sign turned round. */
function ordered(value: number): string {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  const bits = bytes.readBigUInt64BE();
  const sign = 1n << 63n;
  const turned = bits & sign ? ~bits & (2n * sign - 1n) : bits | sign;
  return turned.toString(16).padStart(16, '0');
}

function compare(sort: readonly SortKey[], a: Pick<Found, 'after'>, b: Pick<Found, 'after'>) {
  for (const [index, key] of sort.entries()) {
    const [x = '', y = ''] = [a.after.keys[index], b.after.keys[index]];
    if (x === y) continue;
    if (x === '') return 1;
    if (y === '') return -1;
    return (x < y ? -1 : 1) * (key.descending ? -1 : 1);
  }
  return Number(BigInt(b.after.row) - BigInt(a.after.row));
}
