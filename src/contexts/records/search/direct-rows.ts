import { type Sql, sql } from '../../../platform/postgres/sql.ts';
import { birthDateCover } from '../../../standards/fhir/search/birth-date.ts';
import { normalizeString } from '../../../standards/fhir/search/normalize.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { referenceNumber, selfName, systemName } from '../blind-name.ts';
import { targetNames } from './clause-sql.ts';
import type { Part } from './part.ts';
import type { Scope } from './scope.ts';
import { type Range, rowsInOrder } from './statement.ts';
import { namesOf } from './token-sql.ts';

/**
 * The rows of a search for one name of one parameter, or for all of a type: its index holds them in
 * the order of a page, whatever the name and however many there are. So one plan serves all such
 * searches, and is made once; planning costs more than such a search (0.4 of 0.5 ms).
 *
 * Rows of an index are live records of their parameter's type. undefined: another kind of search,
 * or one within a caller's own compartment.
 */
export function directRows(scope: Scope, part: Part, range: Range): Sql | undefined {
  const { type, clauses, tests } = part;
  if (scope.reachKind(type) !== 'all' || part.narrower === true) return undefined;
  if (tests.length > 0 || clauses.length > 1) return undefined;
  const [clause] = clauses;
  if (clause === undefined) return rowsInOrder(part, range);
  switch (clause.on) {
    case 'id':
      return ofId(scope, part, clause);
    case 'token':
      return ofToken(scope, type, clause, range);
    case 'string':
    case 'uri':
      return ofText(scope, type, clause, range);
    case 'birth-date': {
      const [test, ...others] = clause.values;
      const buckets = test === undefined || others.length > 0 ? [] : birthDateCover(test).buckets;
      return named(scope, type, clause.params, buckets, range);
    }
    case 'reference':
      return ofReference(scope, type, clause, range);
    default:
      return undefined;
  }
}

type Of<On extends Clause['on']> = Extract<Clause, { on: On }>;

function ofId(scope: Scope, { type, typed }: Part, { ids, not }: Of<'id'>): Sql | undefined {
  const [id] = ids;
  if (id === undefined || ids.length > 1 || not) return undefined;
  const self = selfName(scope.hash, type, id);
  return sql`select r.row from records.resource r
    where r.self = ${self}::int8 and ${typed} and not r.deleted`;
}

function ofToken(
  scope: Scope,
  type: string,
  { values, params, modifier }: Of<'token'>,
  range: Range,
): Sql | undefined {
  const [test] = values;
  if (test?.code === undefined || values.length > 1 || modifier === 'not') return undefined;
  const { system } = test;
  if (system === undefined) return named(scope, type, params, [test.code], range);
  const [hash] =
    params.length === 1
      ? namesOf(scope, { type, alias: '', depth: 0 }, params[0] ?? '', [test.code])
      : [];
  if (hash === undefined) return undefined;
  return sql`select t.row from records.token t
    where t.hash = ${hash}::int8 and t.system = ${systemName(scope.hash, system)}::int4
      ${beyond('t', range)} order by t.row desc limit ${range.limit}::int8`;
}

function ofText(
  scope: Scope,
  type: string,
  clause: Of<'string'> | Of<'uri'>,
  range: Range,
): Sql | undefined {
  const { params, values } = clause;
  if (clause.on === 'uri') {
    return clause.not ? undefined : named(scope, type, params, values, range);
  }
  const texts = values.map((value) =>
    clause.modifier === 'exact' ? `=${value}` : `^${normalizeString(value)}`,
  );
  return named(scope, type, params, texts, range);
}

/** One parameter's rows under one name; the same record may have two, of two systems. */
function named(
  scope: Scope,
  type: string,
  params: readonly string[],
  values: readonly string[],
  range: Range,
): Sql | undefined {
  const [param] = params;
  if (param === undefined || params.length > 1 || values.length !== 1) return undefined;
  const [hash] = namesOf(scope, { type, alias: '', depth: 0 }, param, values);
  return sql`select distinct t.row from records.token t
    where t.hash = ${hash}::int8 ${beyond('t', range)}
    order by t.row desc limit ${range.limit}::int8`;
}

function ofReference(
  scope: Scope,
  type: string,
  { params, values, not }: Of<'reference'>,
  range: Range,
): Sql | undefined {
  const [param] = params;
  const [test] = values;
  if (param === undefined || test === undefined || params.length > 1) return undefined;
  const [target, ...others] = targetNames(scope, test);
  if (target === undefined || others.length > 0 || values.length > 1 || not) return undefined;
  return sql`select distinct f.row from records.reference f
    where f.target = ${target}::int8 and f.param = ${referenceNumber(scope.hash, type, param)}::int4
      ${beyond('f', range)} order by f.row desc limit ${range.limit}::int8`;
}

/** `alias` is program text. */
function beyond(alias: 't' | 'f', { after }: Range): Sql {
  if (after === undefined) return sql``;
  return sql`and ${{ text: alias, values: [] }}.row < ${after.row}::int8`;
}
