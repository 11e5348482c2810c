import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { refuse } from '../../../platform/problem.ts';
import { approximateDate, approximateQuantity } from '../../../standards/fhir/search/match.ts';
import type { DateTest, QuantityTest } from '../../../standards/fhir/search/search-query.ts';
import { rangeKey, unitName } from '../blind-name.ts';
import { recordKinds } from '../problems.ts';
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

export function quantitySql(
  scope: Scope,
  target: Target,
  param: string,
  tests: readonly QuantityTest[],
  part = '',
): Sql {
  const key = rangeKey(scope.hash, target.type, param, part);
  const any = join(
    tests.map((test) => sql`(${amountSql(test)}${unitSql(scope, test)})`),
    ' or ',
  );
  return sql`${column(target, 'row')} in (select q.row from records.quantity q
    where q.key = ${key}::int8 and (${any}))`;
}

function amountSql(test: QuantityTest): Sql {
  const bounds = { low: sql`q.low`, high: sql`q.high` };
  if (test.prefix === 'ap') {
    const near = approximateQuantity(test);
    return sql`q.low <= ${near.high}::float8 and q.high >= ${near.low}::float8`;
  }
  const exact = sql`${test.value}::float8`;
  const precise: [Sql, Sql] = [sql`${test.low}::float8`, sql`${test.high}::float8`];
  return rangeSql(bounds, test.prefix, precise, [exact, exact]);
}

const systemAlone = 'A quantity with a system needs its code too: value|system|code.';

/** `|code` asks for the code (or the unit as written) whatever its system. */
function unitSql(scope: Scope, test: QuantityTest): Sql {
  if (test.code === undefined) {
    // The rows know no system by itself: any other answer than a refusal would be a wrong one.
    return test.system === undefined ? sql`` : refuse(recordKinds.searchRefused, systemAlone);
  }
  if (test.system === undefined || test.system === '') {
    return sql` and q.code = ${unitName(scope.hash, '', test.code)}::int4`;
  }
  return sql` and q.unit = ${unitName(scope.hash, test.system, test.code)}::int4`;
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
