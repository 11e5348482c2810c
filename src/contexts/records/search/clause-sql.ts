import type { Hasher } from '#phi';
import { int4Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { birthDateCover } from '../../../standards/fhir/search/birth-date.ts';
import { normalizeString } from '../../../standards/fhir/search/normalize.ts';
import { presence } from '../../../standards/fhir/search/parameter.ts';
import type {
  Clause,
  ReferenceTest,
  TokenTest,
} from '../../../standards/fhir/search/search-query.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';
import { selfName, systemName, urlName, valueName, valueRange } from '../blind-name.ts';
import { parameterNumber } from '../parameter-number.ts';
import { typeNumber } from '../type-number.ts';
import { compositeSql } from './composite-sql.ts';
import { dateSql, instantSql, quantitySql } from './range-sql.ts';
import { requireVisible } from './visible.ts';

/** What turning clauses into SQL needs. */
export type Scope = {
  readonly hash: Hasher;
  /** The caller's reach over a type as a predicate on that alias of records.resource. */
  readonly reach: (type: string, alias: string) => Sql;
  /** The groups of a type the caller sees: only what stands in them may be asked about. */
  readonly visible: (type: string) => ReadonlySet<Group>;
};

/** The record the clause speaks of: its type and its alias in the statement. */
export type Target = { readonly type: string; readonly alias: string; readonly depth: number };

export const never = sql`false`;

/** A clause as a condition on `target.alias`. Every other alias it opens carries the caller's reach. */
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
      return anyOf(clause.params, (param) => dateSql(scope, target, param, clause.values));
    case 'birth-date':
      return anyOf(clause.params, (param) => {
        const buckets = clause.values.flatMap((test) => birthDateCover(test).buckets);
        return hashSql(target, namesOf(scope, target, param, buckets));
      });
    case 'quantity':
      return anyOf(clause.params, (param) => quantitySql(scope, target, param, clause.values));
    case 'all-of-one':
      return anyOf(clause.values, (parts) => allOf(scope, target, parts));
    case 'composite':
      requireVisible(scope.visible(target.type), target.type, [clause.param]);
      return compositeSql(scope, target, clause);
    case 'missing':
      return missingSql(target, clause);
    case 'chain':
      return chainSql(scope, target, clause);
    case 'has':
      return hasSql(scope, target, clause);
  }
}

export function allOf(scope: Scope, target: Target, clauses: readonly Clause[]): Sql {
  if (clauses.length === 0) return sql`true`;
  return join(
    clauses.map((clause) => sql`(${clauseSql(scope, target, clause)})`),
    ' and ',
  );
}

function anyOf<T>(values: readonly T[], condition: (value: T) => Sql): Sql {
  if (values.length === 0) return never;
  return join(
    values.map((value) => sql`(${condition(value)})`),
    ' or ',
  );
}

/** Aliases are ours, never input. */
export function column(target: Target, name: string): Sql {
  return { text: `${target.alias}.${name}`, values: [] };
}

function idSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'id' }>): Sql {
  const selves = clause.ids.map((id) => selfName(scope.hash, target.type, id));
  const found = sql`${column(target, 'self')} = any(${int8Array(selves)}::int8[])`;
  return clause.not ? sql`not (${found})` : found;
}

/** Some token row of this record has one of the hashes. */
export function hashSql(target: Target, hashes: readonly bigint[]): Sql {
  const [only] = hashes;
  if (only === undefined) return never;
  const row = column(target, 'row');
  if (hashes.length === 1) {
    return sql`exists (select from records.token t where t.hash = ${only}::int8 and t.row = ${row})`;
  }
  return sql`${row} in (select t.row from records.token t
    where t.hash = any(${int8Array(hashes)}::int8[]))`;
}

function namesOf(scope: Scope, target: Target, param: string, values: readonly string[]) {
  return values.map((value) => valueName(scope.hash, target.type, param, value));
}

function tokenSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'token' }>): Sql {
  const found = anyOf(clause.params, (param) => {
    const free = clause.values.filter((test) => test.system === undefined);
    const bound = clause.values.filter((test) => test.system !== undefined);
    const codes = free.map((test) => test.code ?? '');
    const parts = bound.map((test) => boundTokenSql(scope, target, param, test));
    if (codes.length > 0) parts.unshift(hashSql(target, namesOf(scope, target, param, codes)));
    return join(parts, ' or ');
  });
  return clause.modifier === 'not' ? sql`not (${found})` : found;
}

/** `system|code`, `|code` (no system) or `system|` (any code of it). */
function boundTokenSql(scope: Scope, target: Target, param: string, test: TokenTest): Sql {
  const system = systemName(scope.hash, test.system ?? '');
  const row = column(target, 'row');
  if (test.code === undefined) {
    const [low, high] = valueRange(target.type, param);
    return sql`exists (select from records.token t
      where t.hash between ${low}::int8 and ${high}::int8
        and t.row = ${row} and t.system = ${system}::int4)`;
  }
  const hash = valueName(scope.hash, target.type, param, test.code);
  return sql`exists (select from records.token t
    where t.hash = ${hash}::int8 and t.row = ${row} and t.system = ${system}::int4)`;
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
  const params = clause.params.map((param) => parameterNumber(target.type, param));
  const parts: Sql[] = [];
  const row = column(target, 'row');
  const [only] = targets;
  const [param] = params;
  if (targets.length === 1 && params.length === 1) {
    parts.push(sql`exists (select from records.reference f
      where f.target = ${only}::int8 and f.param = ${param}::int4 and f.row = ${row})`);
  } else if (targets.length > 0) {
    parts.push(sql`${row} in (select f.row from records.reference f
      where f.target = any(${int8Array(targets)}::int8[])
        and f.param = any(${int4Array(params)}::int4[]))`);
  }
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

function missingSql(target: Target, clause: Extract<Clause, { on: 'missing' }>): Sql {
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
  return sql`records.resource ${alias} on ${alias}.type = ${typeNumber(other.type)}::int2
    and not ${alias}.deleted and ${scope.reach(other.type, other.alias)}`;
}

function chainSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'chain' }>): Sql {
  const params = int4Array(clause.params.map((param) => parameterNumber(target.type, param)));
  return anyOf(clause.alternatives, ({ target: type, then }) => {
    const other = next(target, type, 'c');
    return sql`${column(target, 'row')} in (
      select f.row from records.reference f join ${aliasSql(scope, other)}
         and ${column(other, 'self')} = f.target
       where f.param = any(${params}::int4[]) and ${clauseSql(scope, other, then)})`;
  });
}

function hasSql(scope: Scope, target: Target, clause: Extract<Clause, { on: 'has' }>): Sql {
  const params = int4Array(clause.params.map((param) => parameterNumber(clause.source, param)));
  const other = next(target, clause.source, 'h');
  return sql`${column(target, 'self')} in (
    select f.target from records.reference f join ${aliasSql(scope, other)}
       and ${column(other, 'row')} = f.row
     where f.param = any(${params}::int4[]) and ${clauseSql(scope, other, clause.then)})`;
}
