import { typeNumber } from '../type-number.ts';
import type { PartOrder } from './part.ts';

/** Digits of this file's own making alone: COPY takes no values apart. */
function number(value: bigint | number): string {
  return `${BigInt(value)}`;
}

/** Milliseconds since 1970, as PostgreSQL's timestamptz. */
function instant(ms: number): string {
  return `to_timestamp(${number(Math.trunc(ms))}::float8 / 1000)`;
}

/** row, subject, id, version, updated_at, sealed: in this order in the binary row. */
const current = 'r.row, r.subject, r.id, r.version, r.updated_at, r.sealed';
const superseded = 'v.row, v.subject, r.id, v.version, v.updated_at, v.sealed';

/**
 * The part's records as they were at `at`: the current version where it is older, else the newest
 * superseded one that is. So the answer does not change while the export takes its time, and no
 * transaction is held open meanwhile.
 */
export function partQuery(order: PartOrder, rows: readonly bigint[] | undefined): string {
  const type = `r.type = ${number(typeNumber(order.type))}::int2`;
  const within =
    rows === undefined
      ? `r.row > ${number(order.low)} and r.row <= ${number(order.high)}`
      : `r.row = any('{${rows.map(number).join(',')}}'::int8[])`;
  const limits = (alias: 'r' | 'v') => {
    const updated = `${alias}.updated_at`;
    const since = order.since === undefined ? '' : `and ${updated} > ${instant(order.since)}`;
    const until = order.until === undefined ? '' : `and ${updated} < ${instant(order.until)}`;
    const own =
      order.others === undefined
        ? `and ${alias}.subject = ${number(order.own?.subject ?? 0n)} and ${alias}.subject <> 0`
        : '';
    return `not ${alias}.deleted and ${updated} <= ${instant(order.at)} ${since} ${until} ${own}`;
  };
  return `select ${current} from records.resource r
      where ${type} and ${within} and ${limits('r')}
    union all
    select ${superseded} from records.resource r cross join lateral (
        select * from records.version v
         where v.type = r.type and v.row = r.row and v.updated_at <= ${instant(order.at)}
         order by v.version desc limit 1) v
      where ${type} and ${within} and r.updated_at > ${instant(order.at)} and ${limits('v')}`;
}
