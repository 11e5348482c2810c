import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { presence } from '../../../standards/fhir/search/parameter.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { parameterNumber } from '../parameter-number.ts';
import { dateSpans } from '../span-key.ts';
import { storedColumns } from '../stored.ts';
import type { Part } from './part.ts';
import { isSingleValued } from './single-valued.ts';
import type { Range } from './statement.ts';

/** A sort by one date that a record has at most once: the index of dates has that order. */
export type DateWalk = { readonly key: bigint; readonly bit: bigint; readonly descending: boolean };

export function dateToWalk(type: string, { sort }: SearchQuery): DateWalk | undefined {
  const [key, ...others] = sort;
  if (key?.kind !== 'date' || others.length > 0 || key.params !== undefined) return undefined;
  const bit = presence(type).get(key.param);
  if (bit === undefined || !isSingleValued(type, key.param)) return undefined;
  const number = BigInt(parameterNumber(type, key.param)) << 48n;
  return { key: number, bit: 1n << BigInt(bit), descending: key.descending };
}

/** Records that have the date: each span's first ones, then the first of all. */
export function inDateOrder(part: Part, walk: DateWalk, { after, limit }: Range): Sql {
  const way = walk.descending ? sql`desc` : sql`asc`;
  const than = walk.descending ? sql`<` : sql`>`;
  const [at = '', row = '0'] = after === undefined ? [] : [after.keys[0], after.row];
  const beyond =
    after === undefined
      ? sql``
      : sql`and (p.low, p.row) ${than} (${at}::timestamptz, ${row}::int8)`;
  const streams = dateSpans.map(
    ({ bit }) => sql`(select p.row, p.low, ${part.held} as held
        from records.period p join records.resource r on r.row = p.row
       where p.key = ${walk.key | bit}::int8 ${beyond} and ${part.where}
       order by p.low ${way}, p.row ${way} limit ${limit}::int8)`,
  );
  return sql`select ${storedColumns}, q.held, q.low::text as t0 from (
      select * from (${join(streams, ' union all ')}) q
       order by q.low ${way}, q.row ${way} limit ${limit}::int8) q
    join records.resource r on ${part.typed} and r.row = q.row
    order by q.low ${way}, q.row ${way}`;
}

/** Records without the date come last, the newest of them first. */
export function withoutDate(part: Part, walk: DateWalk, { after, limit }: Range): Sql {
  const beyond = after === undefined ? sql`` : sql`and r.row < ${after.row}::int8`;
  return sql`select ${storedColumns}, ${part.held} as held from records.resource r
    where ${part.where} and r.present & ${walk.bit}::int8 = 0 ${beyond}
    order by r.row desc limit ${limit}::int8`;
}
