import { int2Array, int4Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import { compartmentTypes, inCompartment } from '../../../standards/fhir/compartment-search.ts';
import { resourceTypes } from '../../../standards/fhir/definitions.ts';
import { selfName } from '../blind-name.ts';
import { parameterNumber } from '../parameter-number.ts';
import { understood } from '../search/answer.ts';
import { newBudget } from '../search/budget.ts';
import type { After } from '../search/page.ts';
import { searchPage } from '../search/search.ts';
import type { Store } from '../store.ts';
import { typeName, typeNumber } from '../type-number.ts';
import { directoryTypes, type ExportOrder } from './export-order.ts';

/** Records of one part: about a second of one thread, and what is done anew after a crash. */
export const PART_RECORDS = 25_000;

export type Range = { readonly type: string; readonly low: string; readonly high: string };

type Asked = { store: Store; caller: Caller; order: ExportOrder };

/** The types of an export, before anybody's rights are asked. */
export function typesOf({ level, types }: ExportOrder): readonly string[] {
  if (types !== undefined) return types;
  if (level === 'system') return [...resourceTypes].sort();
  return [...(compartmentTypes('Patient') ?? []), ...directoryTypes];
}

/** Cuts the types into ranges of rows; deleted records count, so that nothing is opened for it. */
export async function rangesOf(
  tx: Transaction,
  types: readonly string[],
): Promise<{ ranges: Range[]; records: number }> {
  const ends = await tx.rows<{ type: number; row: bigint; n: bigint; last: boolean }>(
    fresh(sql`
    select type, row, n, n = total as last from (
        select r.type, r.row, row_number() over (partition by r.type order by r.row) as n,
               count(*) over (partition by r.type) as total
          from records.resource r where r.type = any(${int2Array(types.map(typeNumber))}::int2[])) q
     where n % ${PART_RECORDS}::int8 = 0 or n = total order by type, n`),
  );
  const ranges: Range[] = [];
  let records = 0;
  for (const [index, { type, row, n, last }] of ends.entries()) {
    const before = ends[index - 1];
    const low = before?.type === type ? before.row : 0n;
    ranges.push({ type: typeName(type), low: `${low}`, high: `${row}` });
    if (last) records += Number(n);
  }
  return { ranges, records };
}

/**
 * Rows of the patients' compartments by type, from the index of references: a record whose
 * reference was changed after the export began is found by the new one.
 */
export async function rowsOfPatients(
  { store, caller }: Asked,
  tx: Transaction,
  type: string,
  patients: readonly string[],
): Promise<bigint[]> {
  const hash = await store.phi.hasher(caller.principal.tenant);
  const selves = patients.map((id) => selfName(hash, 'Patient', id));
  const params = compartmentParams(type).map((param) => parameterNumber(type, param));
  const own = type === 'Patient' ? sql`r.self = any(${int8Array(selves)}::int8[])` : sql`false`;
  const rows = await tx.rows<{ row: bigint }>(
    fresh(sql`
    select f.row from records.reference f
     where f.target = any(${int8Array(selves)}::int8[])
       and f.param = any(${int4Array(params)}::int4[])
    union
    select r.row from records.resource r where ${own}`),
  );
  return rows.map(({ row }) => row);
}

/** The reference parameters by which R4's compartment definition counts a type in. */
function compartmentParams(type: string): readonly string[] {
  const clause = inCompartment('Patient', 'x', type);
  const clauses = clause?.on === 'or' ? clause.clauses : clause === undefined ? [] : [clause];
  return clauses.flatMap((one) => (one.on === 'reference' ? one.params : []));
}

/** Matches of one page of a filter's search. */
const PAGE = 1000;

/** Rows that match one of the type's filters; undefined when it has none. */
export async function rowsOfFilters(asked: Asked, type: string): Promise<Set<bigint> | undefined> {
  const { store, caller, order } = asked;
  const filters = order.filters.filter((one) => one.type === type);
  if (filters.length === 0) return undefined;
  const rows = new Set<bigint>();
  for (const filter of filters) {
    const query = await filterQuery(asked, filter);
    let after: After | undefined;
    do {
      const page = await store.database.transaction(caller.principal.tenant, (tx) =>
        searchPage({ store, caller, query, count: PAGE, after, budget: newBudget() }, tx),
      );
      for (const { stored } of page.found) rows.add(stored.row);
      after = page.next;
    } while (after !== undefined);
  }
  return rows;
}

/** Throws a Problem where the search would be refused, for what the caller does not see too. */
export async function tryFilter(
  { store, caller }: Pick<Asked, 'store' | 'caller'>,
  filter: ExportOrder['filters'][number],
): Promise<void> {
  const query = await filterQuery({ store, caller }, filter);
  const asked = { store, caller, query, count: 1, after: undefined, budget: newBudget() };
  await store.database.transaction(caller.principal.tenant, (tx) => searchPage(asked, tx));
}

function filterQuery(
  { store, caller }: Pick<Asked, 'store' | 'caller'>,
  { type, query }: { type: string; query: string },
) {
  const pairs = [...new URLSearchParams(query)];
  return understood({ store, caller, type, pairs, lenient: false }, pairs);
}
