import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { isExact } from './exact.ts';
import { idsMatching, type Settling } from './ids-matching.ts';
import { resolveCodes } from './resolve-codes.ts';

/**
 * The clauses with what is not in the query looked up: the codes of a value set, and the records
 * at a chain's end where only their content tells which they are.
 */
export async function settle(
  within: Settling,
  type: string,
  clauses: readonly Clause[],
): Promise<Clause[]> {
  const settled: Clause[] = [];
  for (const clause of clauses) settled.push(await one(within, type, clause));
  return settled;
}

async function one(within: Settling, type: string, clause: Clause): Promise<Clause> {
  switch (clause.on) {
    case 'value-set':
    case 'subsumption':
      return resolveCodes(within, type, clause);
    case 'and':
    case 'or':
      return { ...clause, clauses: await settle(within, type, clause.clauses) };
    case 'not':
      return { ...clause, clause: await one(within, type, clause.clause) };
    case 'all-of-one': {
      const values: Clause[][] = [];
      for (const parts of clause.values) values.push(await settle(within, type, parts));
      return { ...clause, values };
    }
    case 'chain': {
      const alternatives: { target: string; then: Clause }[] = [];
      for (const { target, then } of clause.alternatives) {
        alternatives.push(withThen({ target }, await linked(within, target, then)));
      }
      return { ...clause, alternatives };
    }
    case 'has':
      return withThen(clause, await linked(within, clause.source, clause.then));
    default:
      return clause;
  }
}

async function linked(within: Settling, type: string, clause: Clause): Promise<Clause> {
  const settled = await one(within, type, clause);
  if (isExact(settled)) return settled;
  // Out of reach: nothing of it is opened, and the statement finds nothing of it either.
  const ids = await idsMatching(within, type, settled);
  return { on: 'id', not: false, ids };
}

function withThen<T extends object>(rest: T, then: Clause): T & { then: Clause } {
  // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
  return { ...rest, then };
}
