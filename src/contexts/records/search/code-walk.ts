import { int4Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import { type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { systemName, valueName } from '../blind-name.ts';
import { type Part, partOf } from './part.ts';
import type { Scope } from './scope.ts';
import type { Range } from './statement.ts';
import { requireVisible } from './visible.ts';

type TokenClause = Extract<Clause, { on: 'token' }>;

/**
 * The clause of a search for nothing but any of several codes: each code's newest records are read
 * from the index, where the planner would collect all records of all codes. With anything else
 * asked, a code's records might be walked for long without an answer: then the planner decides.
 */
export function codesToWalk(scope: Scope, part: Part): TokenClause | undefined {
  const { type, clauses } = part;
  const [only, ...others] = clauses;
  if (part.narrower === true) return undefined;
  if (only?.on !== 'token' || others.length > 0 || only.modifier === 'not') return undefined;
  if (scope.reachKind(type) !== 'all') return undefined;
  if (only.values.length * only.params.length < 2) return undefined;
  return only.values.every((test) => test.code !== undefined) ? only : undefined;
}

/** The newest rows, each once: `limit` of each code, then of all. */
export function rowsOfCodes(
  scope: Scope,
  { type }: Part,
  clause: TokenClause,
  { after, limit }: Range,
): Sql {
  requireVisible(scope.visible(type), type, clause.params);
  const codes = clause.params.flatMap((param) =>
    clause.values.map(({ code = '', system }) => ({
      hash: valueName(scope.hash, type, param, code),
      system: system === undefined ? 0 : systemName(scope.hash, system),
      bound: system === undefined ? 0 : 1,
    })),
  );
  const hashes = int8Array(codes.map((one) => one.hash));
  const systems = int4Array(codes.map((one) => one.system));
  const bound = int4Array(codes.map((one) => one.bound));
  const beyond = after === undefined ? sql`` : sql`and t.row < ${after.row}::int8`;
  return sql`select distinct w.row from
      unnest(${hashes}::int8[], ${systems}::int4[], ${bound}::int4[]) as u (hash, system, bound),
      lateral (select r.row from records.token t join records.resource r on r.row = t.row
        where t.hash = u.hash and (u.bound = 0 or t.system = u.system) ${beyond}
          and ${partOf(scope, type, []).where}
        order by t.row desc limit ${limit}::int8) w
    order by w.row desc limit ${limit}::int8`;
}
