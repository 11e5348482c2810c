import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { SearchQuery, SortKey } from '../../../standards/fhir/search/search-query.ts';
import { parameterNumber } from '../parameter-number.ts';
import { dateSpans, quantitySpans } from '../span-key.ts';
import { isStoredParam } from '../stored-param.ts';
import type { After } from './page.ts';

/** Sorted by columns of the store; values without one come last in either direction. */
export type SortPlan = {
  readonly keys: readonly { readonly descending: boolean; readonly cast: string }[];
  /** `… as k0, … as k1` */
  readonly columns: Sql;
  /** The same as text, for the cursor: `… as t0, … as t1` */
  readonly texts: Sql;
};

const sortable: ReadonlySet<string> = new Set(['updated', 'id', 'date', 'quantity', 'number']);

/** Hashes have no order: other kinds are sorted after opening (sort-opened.ts). */
export function storeCanSort(query: SearchQuery): boolean {
  return query.sort.every(
    (key) =>
      sortable.has(key.kind) && !(key.params ?? [key.param]).some((param) => isStoredParam(param)),
  );
}

export function sortPlan(query: SearchQuery, type: string): SortPlan {
  const keys = query.sort.map((key) => ({
    descending: key.descending,
    ...columnOf(type, key),
  }));
  const column = (index: number): Sql => ({ text: `k${index}`, values: [] });
  return {
    keys,
    columns: join(
      keys.map((key, index) => sql`${key.column} as ${column(index)}`),
      ', ',
    ),
    texts: join(
      keys.map((_, index) => ({ text: `q.k${index}::text as t${index}`, values: [] })),
      ', ',
    ),
  };
}

function columnOf(type: string, key: SortKey): { column: Sql; cast: string } {
  if (key.kind === 'updated') return { column: sql`r.updated_at`, cast: 'timestamptz' };
  if (key.kind === 'id') return { column: sql`r.id collate "C"`, cast: 'text' };
  const keys = (key.params ?? [key.param]).map(
    (param) => BigInt(parameterNumber(type, param)) << 48n,
  );
  const bits = key.kind === 'date' ? dateSpans.map(({ bit }) => bit) : Object.values(quantitySpans);
  const among = join(
    keys.flatMap((number) => bits.map((bit) => sql`${number | bit}::int8`)),
    ', ',
  );
  if (key.kind === 'date') {
    const value = key.descending ? sql`max(p.low)` : sql`min(p.low)`;
    const last = key.descending ? sql`'-infinity'` : sql`'infinity'`;
    const column = sql`coalesce((select ${value} from records.period p
      where p.row = r.row and p.key in (${among})), ${last}::timestamptz)`;
    return { column, cast: 'timestamptz' };
  }
  if (key.kind === 'quantity' || key.kind === 'number') {
    const value = key.descending ? sql`max(q.low)` : sql`min(q.low)`;
    const last = key.descending ? sql`'-infinity'` : sql`'infinity'`;
    const column = sql`coalesce((select ${value} from records.quantity q
      where q.row = r.row and q.key in (${among}) and q.code <> 0), ${last}::float8)`;
    return { column, cast: 'float8' };
  }
  throw new Error(`not a sort the store can do by itself: ${key.kind}`);
}

export function orderOf(plan: SortPlan): Sql {
  return join(
    plan.keys.map(({ descending }, index) => ({
      text: `q.k${index} ${descending ? 'desc' : 'asc'}`,
      values: [],
    })),
    ', ',
  );
}

/** Keyset: strictly after the last row shown, so that pages stay put while others write. */
export function afterSql(plan: SortPlan, after: After): Sql {
  const alternatives: Sql[] = [];
  const equal: Sql[] = [];
  plan.keys.forEach(({ descending, cast }, index) => {
    const column: Sql = { text: `q.k${index}`, values: [] };
    const value = sql`${after.keys[index]}${{ text: `::${cast}`, values: [] }}`;
    const beyond = descending ? sql`${column} < ${value}` : sql`${column} > ${value}`;
    alternatives.push(sql`(${join([...equal, beyond], ' and ')})`);
    equal.push(sql`${column} = ${value}`);
  });
  alternatives.push(sql`(${join([...equal, sql`q.row < ${after.row}::int8`], ' and ')})`);
  return sql`(${join(alternatives, ' or ')})`;
}
