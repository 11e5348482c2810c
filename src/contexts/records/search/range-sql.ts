import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { approximateDate, approximateQuantity } from '../../../standards/fhir/search/match.ts';
import type { DateTest, QuantityTest } from '../../../standards/fhir/search/search-query.ts';
import { canonicalName, rangeKey, unitName } from '../blind-name.ts';
import { column, type Scope, type Target } from './scope.ts';

/**
 * R4 search.html#prefix over two columns; `match.ts` states the rules and is the oracle in tests.
 */
type Bounds = { low: Sql; high: Sql };

export function dateSql(
  scope: Scope,
  target: Target,
  param: string,
  tests: readonly DateTest[],
  part = '',
): Sql {
  const key = rangeKey(scope.hash, target.type, param, part);
  const bounds = { low: sql`p.low`, high: sql`p.high` };
  const any = join(
    tests.map((test) => sql`(${periodSql(bounds, test)})`),
    ' or ',
  );
  return sql`${column(target, 'row')} in (select p.row from records.period p
    where p.key = ${key}::int8 and (${any}))`;
}

/** A column that is one instant. */
export function instantSql(instant: Sql, test: DateTest): Sql {
  return periodSql({ low: instant, high: instant }, test);
}

function periodSql({ low, high }: Bounds, test: DateTest): Sql {
  if (test.prefix === 'ap') {
    const near = approximateDate(test);
    return sql`${low} <= ${at(near.high)} and ${high} >= ${at(near.low)}`;
  }
  return rangeSql(
    { low, high },
    test.prefix,
    [at(test.low), at(test.high)],
    [at(test.low), at(test.high)],
  );
}

function at(ms: number): Sql {
  return sql`to_timestamp(${ms}::float8 / 1000)`;
}

type Amount = Pick<QuantityTest, 'prefix' | 'value' | 'low' | 'high'>;

export function quantitySql(
  scope: Scope,
  target: Target,
  param: string,
  tests: readonly QuantityTest[],
  part = '',
): Sql {
  const key = rangeKey(scope.hash, target.type, param, part);
  const any = join(
    tests.map((test) => {
      const amount = { ...test, ...test.canonical };
      return sql`(${amountSql(amount)}${unitSql(scope, test)})`;
    }),
    ' or ',
  );
  return sql`${column(target, 'row')} in (select q.row from records.quantity q
    where q.key = ${key}::int8 and (${any}))`;
}

function amountSql({ prefix, value, low, high }: Amount): Sql {
  const bounds = { low: sql`q.low`, high: sql`q.high` };
  if (prefix === 'ap') {
    const near = approximateQuantity({ value, low, high });
    return sql`q.low <= ${near.high}::float8 and q.high >= ${near.low}::float8`;
  }
  const exact = sql`${value}::float8`;
  const precise: [Sql, Sql] = [sql`${low}::float8`, sql`${high}::float8`];
  return rangeSql(bounds, prefix, precise, [exact, exact]);
}

/** Rows in canonical units carry no code of their own: they are not values as written. */
const written = sql` and q.code <> 0`;

/** `|code` asks for the code (or the unit as written) whatever its system. */
function unitSql(scope: Scope, test: QuantityTest): Sql {
  const { canonical, system, code } = test;
  if (canonical !== undefined) {
    return sql` and q.unit = ${canonicalName(scope.hash, canonical.unit)}::int4`;
  }
  if (code === undefined) return written;
  if (system === undefined || system === '') {
    return sql` and q.code = ${unitName(scope.hash, '', code)}::int4`;
  }
  return sql` and q.unit = ${unitName(scope.hash, system, code)}::int4${written}`;
}

/** `precise`: the value's range as written; `exact`: what the comparisons use. */
function rangeSql(
  { low, high }: Bounds,
  prefix: Exclude<DateTest['prefix'], 'ap'>,
  precise: readonly [Sql, Sql],
  exact: readonly [Sql, Sql],
): Sql {
  const contained = sql`${low} >= ${precise[0]} and ${high} <= ${precise[1]}`;
  switch (prefix) {
    case 'eq':
      return sql`${contained} and ${low} <= ${precise[1]}`;
    case 'ne':
      return sql`not (${contained})`;
    case 'gt':
      return sql`${high} > ${exact[1]}`;
    case 'lt':
      return sql`${low} < ${exact[0]}`;
    case 'ge':
      return sql`${high} >= ${exact[0]}`;
    case 'le':
      return sql`${low} <= ${exact[1]}`;
    case 'sa':
      return sql`${low} > ${exact[1]}`;
    case 'eb':
      return sql`${high} < ${exact[0]}`;
  }
}
