import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { hasTrigrams } from '../../../standards/fhir/search/has-trigrams.ts';
import { longText } from '../../../standards/fhir/search/normalize.ts';
import type { SubstringTest } from '../../../standards/fhir/search/opened-clause.ts';
import { presence } from '../../../standards/fhir/search/parameter.ts';
import type { Clause, QuantityTest } from '../../../standards/fhir/search/search-query.ts';
import { isStoredParam } from '../stored-param.ts';
import { clauseSql } from './clause-sql.ts';
import { quantitySql } from './range-sql.ts';
import { anyOf, type Scope, type Target } from './scope.ts';
import { hashSql, namesOf } from './token-sql.ts';
import { requireVisible } from './visible.ts';

/** Trigrams asked for at once: four leave few records; each more is a join to plan. */
const MOST_TRIGRAMS = 4;

/** What rows can say about a clause that content decides: true of every match. */
export function candidateSql(scope: Scope, target: Target, clause: Clause): Sql {
  const { type } = target;
  if ('params' in clause) requireVisible(scope.visible(type), type, clause.params);
  switch (clause.on) {
    case 'substring':
      if (clause.kind !== 'string') return present(scope, target, clause.params);
      return sql`${present(scope, target, clause.params)} and (${anyOf(clause.params, (param) =>
        anyOf(clause.values, (test) => substringSql(scope, target, param, test)),
      )})`;
    case 'words':
      return clause.of === 'string' ? present(scope, target, clause.params) : sql`true`;
    case 'unequal':
    case 'uri-below':
      return present(scope, target, clause.params);
    case 'canonical-below': {
      const { name, params } = clause;
      const same = { name, params, not: false };
      const urls = clause.values.map(({ url }) => url);
      return clause.kind === 'uri'
        ? clauseSql(scope, target, { on: 'uri', ...same, values: urls })
        : clauseSql(scope, target, {
            ...{ on: 'reference', ...same, values: urls.map((url) => ({ url })) },
          });
    }
    case 'quantity':
      return anyOf(clause.params, (param) =>
        quantitySql(scope, target, { param }, [clause.values.map(withoutSystemAlone)]),
      );
    default:
      return sql`true`;
  }
}

/** Rows know no system by itself: its numbers are looked at. */
function withoutSystemAlone({ system, ...test }: QuantityTest): QuantityTest {
  return test.code === undefined || system === undefined ? test : { ...test, system };
}

function substringSql(scope: Scope, target: Target, param: string, test: SubstringTest): Sql {
  const named = (text: string) => hashSql(target, namesOf(scope, target, param, [text]));
  if (test.prefix !== undefined) return named(`^${test.prefix}`);
  const step = Math.max(1, Math.floor(test.trigrams.length / MOST_TRIGRAMS));
  const some = test.trigrams.filter((_, at) => at % step === 0).slice(0, MOST_TRIGRAMS);
  if (some.length === 0 || !scope.whole || !hasTrigrams(target.type, param)) return sql`true`;
  const all = join(
    some.map((one) => named(`~${one}`)),
    ' and ',
  );
  return sql`(${all}) or ${named(`~${longText}`)}`;
}

/** Some value stands under one of the parameters, as far as the record's mask tells. */
function present(scope: Scope, target: Target, params: readonly string[]): Sql {
  const numbers = presence(target.type);
  const known = params.every((param) => numbers.has(param));
  if (!known && !params.every(isStoredParam)) return sql`true`;
  const clause: Clause = { on: 'missing', name: '', params: [...params], missing: false };
  return clauseSql(scope, target, clause);
}
