import type { Hasher } from '#phi';
import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { SearchRegistry } from '../../../standards/fhir/search/registry.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';

/** What turning clauses into SQL needs. */
export type Scope = {
  readonly hash: Hasher;
  /** The caller's reach over a type as a predicate on that alias of records.resource. */
  readonly reach: (type: string, alias: string) => Sql;
  readonly reachKind: (type: string) => 'all' | 'own' | 'none';
  /** The groups of a type the caller sees: only what stands in them may be asked about. */
  readonly visible: (type: string) => ReadonlySet<Group>;
  readonly registry: SearchRegistry;
  /** Every record has all rows of this edition: what they narrow misses nothing. */
  readonly whole: boolean;
};

/** The record the clause speaks of: its type and its alias in the statement. */
export type Target = { readonly type: string; readonly alias: string; readonly depth: number };

export const never = sql`false`;

/** Aliases are ours, never input. */
export function column(target: Target, name: string): Sql {
  return { text: `${target.alias}.${name}`, values: [] };
}

/** One of the values holds; none of none. */
export function anyOf<T>(values: readonly T[], condition: (value: T) => Sql): Sql {
  if (values.length === 0) return never;
  return join(
    values.map((value) => sql`(${condition(value)})`),
    ' or ',
  );
}
