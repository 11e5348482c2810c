import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { extractIndex } from '../../../standards/fhir/search/extract.ts';
import type { IndexValue } from '../../../standards/fhir/search/index-value.ts';
import { normalizeString } from '../../../standards/fhir/search/normalize.ts';
import type { SortKey } from '../../../standards/fhir/search/search-query.ts';
import { livingKeys } from '../living-key.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { renderRecord } from '../render.ts';
import { type Stored, type StoredRow, storedFrom } from '../stored.ts';
import type { Found, Page, SearchAsked } from './page.ts';
import { visibleGroups } from './reach.ts';

/** Records opened for one sort: about 100 ms of work. */
const MOST = 2000;

/**
 * Names and codes are stored as hashes, which have no order: the matches are opened, sorted by what
 * the caller may see of them, and cut into the page.
 */
export async function sortOpened(asked: SearchAsked, tx: Transaction, all: Sql): Promise<Page> {
  const rows = await tx.rows<StoredRow>(fresh(sql`${all} limit ${MOST + 1}::int8`));
  if (rows.length > MOST) {
    refuse(
      recordKinds.tooCostly,
      `More than ${MOST} records match, too many to open and sort by ` +
        `${asked.query.sort.map((key) => key.param).join(', ')}. Narrow the search, ` +
        'or sort by _lastUpdated, _id, or a date, number or quantity.',
    );
  }
  const stored = rows.map(storedFrom);
  const subjects = stored.map((one) => one.subject);
  const keyOf = await livingKeys(asked.store, tx, subjects);
  const sorted: Found[] = [];
  for (const one of stored) {
    const visible = await visibleGroups(asked, one);
    const key = keyOf(one.subject);
    if (visible === undefined || key === undefined) continue;
    const { json } = renderRecord(key, one, visible.groups);
    const resource = parseResourceJson(json) as Resource;
    sorted.push({
      stored: one,
      after: { keys: sortKeys(asked, one, resource), row: `${one.row}` },
    });
  }
  sorted.sort((a, b) => compare(asked.query.sort, a, b));
  const { after } = asked;
  const rest =
    after === undefined
      ? sorted
      : sorted.filter((one) => compare(asked.query.sort, one, { after }) > 0);
  const found = rest.slice(0, asked.count);
  return { found, more: rest.length > asked.count, total: sorted.length };
}

/**
 * One text per sort key; a missing value is '' and goes last, a present one begins with a letter.
 */
function sortKeys(asked: SearchAsked, stored: Stored, resource: Resource): string[] {
  const values = extractIndex(resource, asked.store.baseUrl);
  return asked.query.sort.map((key) => {
    if (key.kind === 'updated') return `v${stored.updatedAt.toISOString()}`;
    if (key.kind === 'id') return `v${stored.id}`;
    const params = key.params ?? [key.param];
    const texts = values.filter((value) => params.includes(value.param)).map(textOf);
    const sorted = texts.sort((a, b) => (a < b ? -1 : 1));
    const chosen = key.descending ? sorted.at(-1) : sorted[0];
    return chosen === undefined ? '' : `v${chosen}`;
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
