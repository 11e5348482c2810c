import { int8Array } from '../../../platform/postgres/binary-array.ts';
import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Clause, TokenTest } from '../../../standards/fhir/search/search-query.ts';
import { systemName, valueName, valueRange } from '../blind-name.ts';
import { anyOf, column, never, type Scope, type Target } from './scope.ts';

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

export function namesOf(scope: Scope, target: Target, param: string, values: readonly string[]) {
  return values.map((value) => valueName(scope.hash, target.type, param, value));
}

export function tokenSql(
  scope: Scope,
  target: Target,
  clause: Extract<Clause, { on: 'token' }>,
): Sql {
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
