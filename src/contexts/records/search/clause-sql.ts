import { int4Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { birthDateCover } from '../../../standards/fhir/search/birth-date.ts';
import { normalizeString } from '../../../standards/fhir/search/normalize.ts';
import { presence } from '../../../standards/fhir/search/parameter.ts';
import type { Clause, ReferenceTest } from '../../../standards/fhir/search/search-query.ts';
import { referenceNumber, selfName, urlName } from '../blind-name.ts';
import { presentText } from '../index-rows.ts';
import { isStoredParam } from '../stored-param.ts';
import { typeNumber } from '../type-number.ts';
import { beginsAtThen } from './begin-at-then.ts';
import { compositeSql } from './composite-sql.ts';
import { isRange, mergedRanges } from './merge-range.ts';
import { dateSql, instantSql, quantitySql } from './range-sql.ts';
import { anyOf, column, never, type Scope, type Target } from './scope.ts';
import { hashSql, namesOf, tokenSql } from './token-sql.ts';
import { requireVisible } from './visible.ts';

/**
 * A clause as a condition on `target.alias`. Every other alias it opens carries the caller's reach.
 */
export function clauseSql(scope: Scope, target: Target, clause: Clause): Sql {
  if ('params' in clause) {
    const asked = clause.on === 'has' ? clause.source : target.type;
    requireVisible(scope.visible(asked), asked, clause.params);
  }
  switch (clause.on) {
    case 'id':
      return idSql(scope, target, clause);
    case 'updated':
      return join(
        clause.ranges.map((range) => sql`(${instantSql(column(target, 'updated_at'), range)})`),
        ' or ',
      );
    case 'token':
      return tokenSql(scope, target, clause);
    case 'string':
      return stringSql(scope, target, clause);
    case 'uri':
      return uriSql(scope, target, clause);
    case 'reference':
      return referenceSql(scope, target, clause);
    case 'date':
      return rangesSql(scope, target, [clause]);
    case 'birth-date':
      return anyOf(clause.params, (param) => {
        const buckets = clause.values.flatMap((test) => birthDateCover(test).buckets);
        return hashSql(target, namesOf(scope, target, param, buckets));
      });
    case 'quantity':
      return rangesSql(scope, target, [clause]);
    case 'all-of-one':
      return anyOf(clause.values, (parts) => allOf(scope, target, parts));
    case 'composite':
      requireVisible(scope.visible(target.type), target.type, [clause.param]);
      return compositeSql(scope, target, clause);
    case 'missing':
      return missingSql(scope, target, clause);
    case 'chain':
      return chainSql(scope, target, clause);
    case 'has':
      return hasSql(scope, target, clause);
    case 'and':
    case 'or': {
      const each = clause.clauses.map((one) => sql`(${clauseSql(scope, target, one)})`);
      if (each.length === 0) return clause.on === 'and' ? sql`true` : never;
      return join(each, clause.on === 'and' ? ' and ' : ' or ');
    }
    case 'not':
      return sql`not (${clauseSql(scope, target, clause.clause)})`;
    case 'uri-below': {
      const { params, values } = clause;
      const texts = values.map((value) => `/${value}`);
      return hashSql(
        target,
        params.flatMap((param) => namesOf(scope, target, param, texts)),
      );
    }
    default:
      throw new Error(`rows cannot decide a clause on ${clause.on}`);
  }
}

/** Clauses that rows decide, all of them. */
export function allOf(scope: Scope, target: Target, clauses: readonly Clause[]): Sql {
  if (clauses.length === 0) return sql`true`;
  const each = mergedRanges(target.type, clauses).map((group) => {
    const ranges = group.filter(isRange);
    const [one, ...others] = group;
    if (one === undefined) return sql`true`;
    if (others.length === 0 || ranges.length < group.length) {
      return sql`(${clauseSql(scope, target, one)})`;
    }
    for (const range of ranges) {
      requireVisible(scope.visible(target.type), target.type, range.params);
    }
    return sql`(${rangesSql(scope, target, ranges)})`;
  });
  return join(each, ' and ');
}

type Range = Extract<Clause, { on: 'date' | 'quantity' }>;

/** Of one kind and the same parameters; several are of the same row (merge-range.ts). */
function rangesSql(scope: Scope, target: Target, ranges: readonly Range[]): Sql {
  const dates = ranges.flatMap((one) => (one.on === 'date' ? [one.values] : []));
  const amounts = ranges.flatMap((one) => (one.on === 'quantity' ? [one.values] : []));
  return anyOf(ranges[0]?.params ?? [], (param) =>
    dates.length > 0
      ? dateSql(scope, target, { param }, dates)
      : quantitySql(scope, target, { param }, amounts),
  );
}

function idSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'id' }>): Sql {
  const selves = clause.ids.map((id) => selfName(scope.hash, target.type, id));
  const found = sql`${column(target, 'self')} = any(${int8Array(selves)}::int8[])`;
  return clause.not ? sql`not (${found})` : found;
}

function stringSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'string' }>): Sql {
  const texts = clause.values.map((value) =>
    clause.modifier === 'exact' ? `=${value}` : `^${normalizeString(value)}`,
  );
  const hashes = clause.params.flatMap((param) => namesOf(scope, target, param, texts));
  return hashSql(target, hashes);
}

function uriSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'uri' }>): Sql {
  const hashes = clause.params.flatMap((param) => namesOf(scope, target, param, clause.values));
  const found = hashSql(target, hashes);
  return clause.not ? sql`not (${found})` : found;
}

type ReferenceClause = Extract<Clause, { on: 'reference' }>;

function referenceSql(scope: Scope, target: Target, clause: ReferenceClause): Sql {
  const targets = clause.values.flatMap((test) => targetNames(scope, test));
  const params = clause.params.map((param) => referenceNumber(scope.hash, target.type, param));
  const parts: Sql[] = [];
  if (targets.length > 0) parts.push(pointingSql(column(target, 'row'), targets, params));
  for (const test of clause.values) {
    if (!('identifier' in test)) continue;
    const params = clause.params.map((param) => `${param}:identifier`);
    const token = { on: 'token', name: clause.name, params, modifier: '' } as const;
    parts.push(tokenSql(scope, target, { ...token, values: [test.identifier] }));
  }
  const found = parts.length === 0 ? never : join(parts, ' or ');
  return clause.not ? sql`not (${found})` : found;
}

export function targetNames(scope: Scope, test: ReferenceTest): bigint[] {
  if ('url' in test) return [urlName(scope.hash, test.url)];
  if ('identifier' in test) return [];
  return test.types.map((type) => selfName(scope.hash, type, test.id));
}

function missingSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'missing' }>): Sql {
  if (clause.params.some(isStoredParam)) {
    const names = clause.params.flatMap((param) => namesOf(scope, target, param, [presentText]));
    const found = hashSql(target, names);
    return clause.missing ? sql`not (${found})` : found;
  }
  const numbers = presence(target.type);
  let mask = 0n;
  for (const param of clause.params) {
    const bit = numbers.get(param);
    if (bit !== undefined) mask |= 1n << BigInt(bit);
  }
  const present = sql`(${column(target, 'present')} & ${mask}::int8)`;
  return clause.missing ? sql`${present} = 0` : sql`${present} <> 0`;
}

function next(target: Target, type: string, letter: string): Target {
  const depth = target.depth + 1;
  return { type, alias: `${letter}${depth}`, depth };
}

/** The alias of another record: live, of its type, and within the caller's reach. */
function aliasSql(scope: Scope, other: Target): Sql {
  const alias: Sql = { text: other.alias, values: [] };
  return sql`records.resource ${alias} on ${liveSql(scope, other)}`;
}

function aliasAlone(scope: Scope, other: Target, then: Sql): Sql {
  const alias: Sql = { text: other.alias, values: [] };
  return sql`(select ${alias}.row from records.resource ${alias}
    where ${liveSql(scope, other)} and ${then}) ${alias}`;
}

function liveSql(scope: Scope, { type, alias: name }: Target): Sql {
  const alias: Sql = { text: name, values: [] };
  return sql`${alias}.type = ${typeNumber(type)}::int2 and not ${alias}.deleted
    and ${scope.reach(type, name)}`;
}

function chainSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'chain' }>): Sql {
  const numbers = clause.params.map((param) => referenceNumber(scope.hash, target.type, param));
  const row = column(target, 'row');
  return anyOf(clause.alternatives, ({ target: type, then }) => {
    if (then.on === 'id' && !then.not) {
      // Looked up within the caller's reach when the search was settled (settle.ts).
      const selves = then.ids.map((id) => selfName(scope.hash, type, id));
      return selves.length === 0 ? never : pointingSql(row, selves, numbers);
    }
    const other = next(target, type, 'c');
    // `offset 0`: asked of each candidate, because many records answer `then`.
    return sql`exists (
      select from records.reference f join ${aliasSql(scope, other)}
         and ${column(other, 'self')} = f.target
       where f.row = ${row} and f.param ${among(numbers)} and ${clauseSql(scope, other, then)}
       offset 0)`;
  });
}

function hasSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'has' }>): Sql {
  const numbers = clause.params.map((param) => referenceNumber(scope.hash, clause.source, param));
  const other = next(target, clause.source, 'h');
  const then = clauseSql(scope, other, clause.then);
  const named = clause.then.on === 'id' && !clause.then.not;
  if (named || beginsAtThen(clause)) {
    return sql`${column(target, 'self')} in (
      select f.target from ${aliasAlone(scope, other, then)} join records.reference f
        on f.row = ${column(other, 'row')} and f.param ${among(numbers)})`;
  }
  return sql`exists (
    select from records.reference f join ${aliasSql(scope, other)}
       and ${column(other, 'row')} = f.row
     where f.target = ${column(target, 'self')} and f.param ${among(numbers)} and ${then}
     offset 0)`;
}

/** Records that point to one of these. */
function pointingSql(row: Sql, targets: readonly bigint[], params: readonly number[]): Sql {
  const [only] = targets;
  if (targets.length === 1) {
    return sql`exists (select from records.reference f
      where f.target = ${only}::int8 and f.param ${among(params)} and f.row = ${row})`;
  }
  return sql`${row} in (select f.row from records.reference f
    where f.target = any(${int8Array(targets)}::int8[]) and f.param ${among(params)})`;
}

function among(params: readonly number[]): Sql {
  const [only] = params;
  return params.length === 1 ? sql`= ${only}::int4` : sql`= any(${int4Array(params)}::int4[])`;
}
