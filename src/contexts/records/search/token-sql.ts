import { int8Array } from '../../../platform/postgres/binary-array.ts';
import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Clause, TokenTest } from '../../../standards/fhir/search/search-query.ts';
import { systemName, valueName, valueRange } from '../blind-name.ts';
import { systemText } from '../index-rows.ts';
import { isStoredParam } from '../stored-param.ts';
import { column, never, type Scope, type Target } from './scope.ts';

/** Some token row of this record has one of the hashes. */
export function hashSql(target: Target, hashes: readonly bigint[]): Sql {
  return codesSql(target, new Map([[undefined, [...hashes]]]));
}

export function namesOf(scope: Scope, target: Target, param: string, values: readonly string[]) {
  return values.map((value) => valueName(scope.hash, target.type, param, value));
}

export function tokenSql(
  scope: Scope,
  target: Target,
  clause: Extract<Clause, { on: 'token' }>,
): Sql {
  const bySystem = new Map<number | undefined, bigint[]>();
  const parts: Sql[] = [];
  for (const param of clause.params) {
    for (const test of clause.values) {
      if (test.code === undefined) parts.push(systemSql(scope, target, param, test));
      else addCode(bySystem, scope, target, { param, code: test.code, system: test.system });
    }
  }
  if (bySystem.size > 0) parts.unshift(codesSql(target, bySystem));
  const found = parts.length === 0 ? never : join(parts, ' or ');
  return clause.modifier === 'not' ? sql`not (${found})` : found;
}

type Code = { param: string; code: string; system: string | undefined };

function addCode(
  bySystem: Map<number | undefined, bigint[]>,
  scope: Scope,
  target: Target,
  { param, code, system }: Code,
): void {
  const name = system === undefined ? undefined : systemName(scope.hash, system);
  const hashes = bySystem.get(name) ?? [];
  hashes.push(valueName(scope.hash, target.type, param, code));
  bySystem.set(name, hashes);
}

/** Hashes by the system their rows must have; under undefined whatever their system. */
function codesSql(target: Target, bySystem: ReadonlyMap<number | undefined, bigint[]>): Sql {
  const row = column(target, 'row');
  const all = [...bySystem.values()].flat();
  const [only] = all;
  if (only === undefined) return never;
  const [system, ...otherSystems] = bySystem.keys();
  if (all.length === 1) {
    return sql`exists (select from records.token t
      where t.hash = ${only}::int8 and t.row = ${row}${ofSystem(system)})`;
  }
  // One look at the index for all of them, then which system each may have.
  const exact =
    otherSystems.length === 0
      ? ofSystem(system)
      : sql` and (${join(
          [...bySystem].map(
            ([one, hashes]) => sql`(t.hash = any(${int8Array(hashes)}::int8[])${ofSystem(one)})`,
          ),
          ' or ',
        )})`;
  return sql`${row} in (select t.row from records.token t
    where t.hash = any(${int8Array(all)}::int8[])${exact})`;
}

function ofSystem(system: number | undefined): Sql {
  return system === undefined ? sql`` : sql` and t.system = ${system}::int4`;
}

/** `system|`: any code of it. */
function systemSql(scope: Scope, target: Target, param: string, test: TokenTest): Sql {
  if (isStoredParam(param)) {
    return hashSql(target, namesOf(scope, target, param, [systemText(test.system ?? '')]));
  }
  const [low, high] = valueRange(target.type, param);
  const system = systemName(scope.hash, test.system ?? '');
  return sql`exists (select from records.token t
    where t.hash between ${low}::int8 and ${high}::int8
      and t.row = ${column(target, 'row')} and t.system = ${system}::int4)`;
}
