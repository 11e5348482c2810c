import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { refuse } from '../../../platform/problem.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { recordKinds } from '../problems.ts';
import { candidateSql } from './candidate-sql.ts';
import { allOf, clauseSql } from './clause-sql.ts';
import { isExact } from './exact.ts';
import type { Scope, Target } from './scope.ts';

/**
 * What is left to decide about a candidate. `held`: the statement says so in that bit of its
 * column `held`; `opened`: its content says so.
 */
export type Test =
  | { readonly is: 'held'; readonly bit: number }
  | { readonly is: 'opened'; readonly clause: Clause }
  | { readonly is: 'and' | 'or'; readonly tests: readonly Test[] }
  | { readonly is: 'not'; readonly test: Test };

/** Candidates: every match is among them; with no tests, each of them is a match. */
export type Narrowed = {
  readonly where: Sql;
  /** The column `held`: a bit for each part of a test that rows decide. */
  readonly held: Sql;
  readonly tests: readonly Test[];
};

/** Bits of an int4. */
const MOST_HELD = 30;

export function narrow(scope: Scope, target: Target, clauses: readonly Clause[]): Narrowed {
  const bits: Sql[] = [];
  const tests: Test[] = [];
  const exact = clauses.filter(isExact);
  const conditions = exact.length === 0 ? [] : [allOf(scope, target, exact)];
  for (const clause of clauses) {
    if (isExact(clause)) continue;
    tests.push(testOf(scope, target, clause, bits));
    conditions.push(sql`(${conditionOf(scope, target, clause)})`);
  }
  if (bits.length > MOST_HELD) {
    const text = `A search that opens records takes at most ${MOST_HELD} alternatives beside that.`;
    refuse(recordKinds.tooCostly, text);
  }
  const held = bits.map((bit, index) => sql`case when ${bit} then ${1 << index}::int4 else 0 end`);
  return {
    where: conditions.length === 0 ? sql`true` : join(conditions, ' and '),
    held: held.length === 0 ? sql`0` : join(held, ' | '),
    tests,
  };
}

/** True of every match, perhaps of more. */
function conditionOf(scope: Scope, target: Target, clause: Clause): Sql {
  if (isExact(clause)) return clauseSql(scope, target, clause);
  switch (clause.on) {
    case 'and':
    case 'or': {
      const some = clause.clauses.map((one) => sql`(${conditionOf(scope, target, one)})`);
      return join(some, clause.on === 'and' ? ' and ' : ' or ');
    }
    case 'all-of-one': {
      const some = clause.values.map((parts) => {
        const all = parts.map((one) => sql`(${conditionOf(scope, target, one)})`);
        return sql`(${join(all, ' and ')})`;
      });
      return join(some, ' or ');
    }
    case 'not':
      return sql`true`;
    default:
      return candidateSql(scope, target, clause);
  }
}

function testOf(scope: Scope, target: Target, clause: Clause, bits: Sql[]): Test {
  if (isExact(clause)) {
    bits.push(clauseSql(scope, target, clause));
    return { is: 'held', bit: bits.length - 1 };
  }
  const each = (clauses: readonly Clause[]) =>
    clauses.map((one) => testOf(scope, target, one, bits));
  switch (clause.on) {
    case 'and':
    case 'or':
      return { is: clause.on, tests: each(clause.clauses) };
    case 'all-of-one':
      return { is: 'or', tests: clause.values.map((one) => ({ is: 'and', tests: each(one) })) };
    case 'not':
      return { is: 'not', test: testOf(scope, target, clause.clause, bits) };
    default:
      return { is: 'opened', clause };
  }
}

/** `opened`: whether the content answers a clause. */
export function passes(test: Test, held: number, opened: (clause: Clause) => boolean): boolean {
  switch (test.is) {
    case 'held':
      return (held & (1 << test.bit)) !== 0;
    case 'opened':
      return opened(test.clause);
    case 'and':
      return test.tests.every((one) => passes(one, held, opened));
    case 'or':
      return test.tests.some((one) => passes(one, held, opened));
    case 'not':
      return !passes(test.test, held, opened);
  }
}
