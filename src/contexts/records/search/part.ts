import { type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { typeNumber } from '../type-number.ts';
import { narrow, type Test } from './narrow.ts';
import type { Scope } from './scope.ts';

/** One type of a search, as a condition on its records `r`. */
export type Part = {
  readonly type: string;
  readonly clauses: readonly Clause[];
  /** `r` is of the type. */
  readonly typed: Sql;
  readonly where: Sql;
  /** `where` says more than the clauses do: it may not be told from them. */
  readonly narrower?: true;
  readonly held: Sql;
  readonly tests: readonly Test[];
};

/** Live records of a type within the caller's reach that may answer the settled clauses. */
export function partOf(scope: Scope, type: string, clauses: readonly Clause[]): Part {
  const { where, held, tests } = narrow(scope, { type, alias: 'r', depth: 0 }, clauses);
  const typed = sql`r.type = ${typeNumber(type)}::int2`;
  return {
    ...{ type, clauses, held, tests, typed },
    where: sql`${typed} and not r.deleted
      and ${scope.reach(type, 'r')} and ${where}`,
  };
}
