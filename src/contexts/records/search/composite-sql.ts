import { join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { normalizeString } from '../../../standards/fhir/search/normalize.ts';
import type {
  Clause,
  CompositeTest,
  TokenTest,
} from '../../../standards/fhir/search/search-query.ts';
import { valueName } from '../blind-name.ts';
import { dateSql, quantitySql } from './range-sql.ts';
import { never, type Scope, type Target } from './scope.ts';
import { hashSql } from './token-sql.ts';

type CompositeClause = Extract<Clause, { on: 'composite' }>;

/** Composites over a repeating element: their rows are keyed by the first part's token. */
export function compositeSql(scope: Scope, target: Target, clause: CompositeClause): Sql {
  if (clause.values.length === 0) return never;
  return join(
    clause.values.map((test) => sql`(${oneSql(scope, target, clause.param, test)})`),
    ' or ',
  );
}

function oneSql(scope: Scope, target: Target, param: string, test: CompositeTest): Sql {
  const part = tokenPart(test.token);
  const { then } = test;
  if (then.on === 'date') return dateSql(scope, target, { param, part }, [[then.test]]);
  if (then.on === 'quantity') return quantitySql(scope, target, { param, part }, [[then.test]]);
  const texts = secondTexts(then);
  const hashes = texts.map((text) =>
    valueName(scope.hash, target.type, param, `${part}\u0000${text}`),
  );
  return hashSql(target, hashes);
}

/** As `compositeParts` in index-rows.ts writes them. */
function tokenPart(token: TokenTest): string {
  return `${token.system ?? '*'}|${token.code ?? ''}`;
}

type Second = Exclude<CompositeTest['then'], { on: 'date' } | { on: 'quantity' }>;

function secondTexts(then: Second): string[] {
  if (then.on === 'token') return [tokenPart(then.test)];
  if (then.on === 'string') return [normalizeString(then.value)];
  if ('url' in then.test) return [then.test.url];
  if ('identifier' in then.test) return [];
  const { id, types } = then.test;
  return types.map((type) => `${type}/${id}`);
}
