import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { approximateDate, approximateQuantity } from '../../../standards/fhir/search/match.ts';
import type { DateTest, QuantityTest } from '../../../standards/fhir/search/search-query.ts';
import { canonicalName, rangeKey, unitName } from '../blind-name.ts';
import { dateSpans, isPlain, quantitySpans } from '../span-key.ts';
import { column, type Scope, type Target } from './scope.ts';

/**
 * R4 search.html#prefix over two columns; `match.ts` states the rules and is the oracle in tests.
 */
type Bounds = { low: Sql; high: Sql };

/** A parameter, or a composite's parameter with the token its rows are keyed by. */
type Under = { readonly param: string; readonly part?: string };

/** All of the groups hold of one row; of a group, one of its tests. */
type Groups<Test> = readonly (readonly Test[])[];

export function dateSql(
  scope: Scope,
  target: Target,
  { param, part = '' }: Under,
  groups: Groups<DateTest>,
): Sql {
  const key = rangeKey(scope.hash, target.type, param, part);
  const bounds = { low: sql`p.low`, high: sql`p.high` };
  const spans = isPlain(key) ? dateSpans : [{ bit: 0n, longest: Number.POSITIVE_INFINITY }];
  const each = spans.map(({ bit, longest }, index) => {
    const tests = groups.map((group) =>
      anyTest(group, (test) => {
        const own = widened(test, index);
        return sql`${periodSql(bounds, own)}${beginsSql(own, longest)}`;
      }),
    );
    return sql`(p.key = ${key | bit}::int8 and ${join(tests, ' and ')})`;
  });
  return sql`${column(target, 'row')} in (select p.row from records.period p
    where ${join(each, ' or ')})`;
}

/**
 * The same test, as stored dates are whole milliseconds. Were a condition the same for all spans,
 * the planner would take it out of them, see the two ends of a range apart, and guess far too many
 * rows.
 */
function widened(test: DateTest, index: number): DateTest {
  const microseconds = index / 1000;
  return { ...test, low: test.low - microseconds, high: test.high + microseconds };
}

function anyTest<Test>(tests: readonly Test[], one: (test: Test) => Sql): Sql {
  const each = tests.map((test) => sql`(${one(test)})`);
  return each.length === 1 ? join(each, '') : sql`(${join(each, ' or ')})`;
}

/** What a bounded length says about the beginning of a date that reaches beyond the test's. */
function beginsSql(test: DateTest, longest: number): Sql {
  if (!Number.isFinite(longest)) return sql``;
  if (test.prefix === 'ge') return sql` and p.low >= ${at(test.low - longest)}`;
  if (test.prefix === 'gt') return sql` and p.low >= ${at(test.high - longest)}`;
  if (test.prefix === 'ap') return sql` and p.low >= ${at(approximateDate(test).low - longest)}`;
  if (test.prefix === 'eb') return sql` and p.low < ${at(test.low)}`;
  return sql``;
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
  const [first, last] = [at(test.low), at(test.high)];
  // The last condition says nothing more, but bounds what is read of the index.
  const contained = sql`${low} >= ${first} and ${high} <= ${last} and ${low} <= ${last}`;
  return rangeSql({ low, high }, test.prefix, contained, [first, last]);
}

function at(ms: number): Sql {
  return sql`to_timestamp(${ms}::float8 / 1000)`;
}

type Amount = Pick<QuantityTest, 'prefix' | 'value' | 'low' | 'high'>;

export function quantitySql(
  scope: Scope,
  target: Target,
  { param, part = '' }: Under,
  groups: Groups<QuantityTest>,
): Sql {
  const key = rangeKey(scope.hash, target.type, param, part);
  const number = { low: sql`q.low`, high: sql`q.low` };
  // Not `q.low` again, for the planner's sake: see `widened`.
  const range = { low: sql`q.low + 0`, high: sql`q.high` };
  const { exact, range: wide } = quantitySpans;
  const spans = isPlain(key)
    ? [
        { bit: exact, bounds: number },
        { bit: wide, bounds: range },
      ]
    : [{ bit: 0n, bounds: range }];
  const each = spans.map(({ bit, bounds }) => {
    const tests = groups.map((group) =>
      anyTest(group, (test) => {
        const amount = { ...test, ...test.canonical };
        return sql`${amountSql(bounds, amount)}${unitSql(scope, test)}`;
      }),
    );
    return sql`(q.key = ${key | bit}::int8 and ${join(tests, ' and ')})`;
  });
  return sql`${column(target, 'row')} in (select q.row from records.quantity q
    where ${join(each, ' or ')})`;
}

function amountSql(bounds: Bounds, { prefix, value, low, high }: Amount): Sql {
  if (prefix === 'ap') {
    const near = approximateQuantity({ value, low, high });
    return sql`${bounds.low} <= ${near.high}::float8 and ${bounds.high} >= ${near.low}::float8`;
  }
  const exact = sql`${value}::float8`;
  const [from, until] = [sql`${low}::float8`, sql`${high}::float8`];
  const contained = sql`${bounds.low} >= ${from} and ${bounds.high} < ${until}
    and ${bounds.low} < ${until}`;
  return rangeSql(bounds, prefix, contained, [exact, exact]);
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

/** `contained`: in the range as written; `exact`: what the comparisons use. */
function rangeSql(
  { low, high }: Bounds,
  prefix: Exclude<DateTest['prefix'], 'ap'>,
  contained: Sql,
  exact: readonly [Sql, Sql],
): Sql {
  switch (prefix) {
    case 'eq':
      return contained;
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
