import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { matchesClause } from '../../../standards/fhir/search/matches-clause.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import type { Resource } from '../prepare.ts';
import { MOST_OPENED } from './budget.ts';
import { pageStatement } from './candidates.ts';
import { isExact } from './exact.ts';
import type { Page, SearchAsked } from './page.ts';
import type { Plan } from './plan.ts';
import type { Shown } from './show.ts';
import { storeCanSort } from './sort.ts';

/** Characters of a plan that are told: those of a search over all types are long. */
const LONGEST_PLAN = 20_000;

/**
 * `_explain=true`: how the search was answered, in lines: each clause without its values, how it is
 * ordered, what was opened, and the database's plan. The plan's guesses speak of all records of a
 * type: it is told only to who may see them all.
 */
export async function explainedPage(
  asked: SearchAsked,
  tx: Transaction,
  plan: Plan,
  page: Page,
): Promise<string[]> {
  const { query, budget, after, count } = asked;
  const lines = plan.parts.flatMap(({ type, clauses }) =>
    clauses.length === 0
      ? [`${type}: every record.`]
      : clauses.map((clause) => `${type}: ${clauseText(clause)}.`),
  );
  if (query.sort.length > 0) {
    const names = query.sort.map(({ param }) => param).join(', ');
    const how = storeCanSort(query) ? 'by rows' : 'by what every match says, opened';
    lines.push(`Sorted by ${names}: ${how}.`);
  }
  lines.push(`${MOST_OPENED - budget.opened} records were opened to decide.`);
  if (page.total !== undefined) lines.push(`${page.total} match.`);
  if (plan.parts.some(({ type }) => plan.scope.reachKind(type) !== 'all')) {
    lines.push('The plan of the database is told to who may see all records of the types.');
    return lines;
  }
  // What is opened and sorted is read in no order of its own.
  const read = storeCanSort(query) ? plan : { ...plan, query: { ...query, sort: [] } };
  const told = await planText(tx, pageStatement(read, { after, limit: count + 1 }));
  return [...lines, `Plan of the database, its values left out:\n${told}`];
}

/** A clause's kind and parameters, never its values. */
function clauseText(clause: Clause): string {
  const name = 'name' in clause ? clause.name : `_${clause.on}`;
  const decides = isExact(clause) ? 'rows decide' : 'rows narrow it, content decides';
  switch (clause.on) {
    case 'and':
    case 'or':
      return `${name}: ${clause.clauses.map(clauseText).join(` ${clause.on} `)}`;
    case 'not':
      return `${name}: not (${clauseText(clause.clause)})`;
    case 'chain': {
      const ends = clause.alternatives.map(({ target, then }) => `${target} ${clauseText(then)}`);
      return `${name}: ${ends.join(' or ')}`;
    }
    case 'has':
      return `${name}: ${clause.source} ${clauseText(clause.then)}`;
    default:
      return `${name}: ${clause.on}, ${decides}`;
  }
}

async function planText(tx: Transaction, statement: Sql): Promise<string> {
  const rows = await tx.rows<Record<string, string>>(fresh(sql`explain (costs off) ${statement}`));
  const lines = rows.map((row) => row['QUERY PLAN'] ?? '');
  return lines.map(withoutValues).join('\n').slice(0, LONGEST_PLAN);
}

/** Values in a plan are hashes, instants and numbers asked for. */
function withoutValues(line: string): string {
  return line.replace(/'(?:[^']|'')*'/g, "'…'").replace(/([<>=] |\()-?\d[\d.e+]*/g, '$1…');
}

/** Under which parameters a record the caller sees answers each clause it can be asked alone. */
export function explainedMatch(asked: SearchAsked, plan: Plan, shown: Shown): string | undefined {
  const { type, id } = shown.stored;
  const clauses = plan.parts.find((part) => part.type === type)?.clauses ?? [];
  const resource = parseResourceJson(shown.json) as Resource;
  const context = { own: asked.store.baseUrl, registry: plan.scope.registry };
  const params = new Set<string>();
  for (const clause of clauses.flatMap(leaves)) {
    if (!('params' in clause) || clause.on === 'chain' || clause.on === 'has') continue;
    for (const param of clause.params) {
      const alone: Clause = { ...clause, params: [param] };
      if (matchesClause(resource, alone, context)) params.add(`${param} (${clause.on})`);
    }
  }
  return params.size === 0 ? undefined : `${type}/${id} answers by ${[...params].join(', ')}.`;
}

function leaves(clause: Clause): Clause[] {
  if (clause.on === 'and' || clause.on === 'or') return clause.clauses.flatMap(leaves);
  if (clause.on === 'all-of-one') return clause.values.flat().flatMap(leaves);
  return [clause];
}
