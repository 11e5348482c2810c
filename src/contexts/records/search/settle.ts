import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { isExact } from './exact.ts';
import { fewIds, idsMatching, type Settling } from './ids-matching.ts';
import { weighHas } from './weigh-has.ts';

/**
 * The clauses with the records at a chain's end looked up, where they are few or only their content
 * tells which they are.
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
      throw new Error(`${clause.on} is resolved when the query is understood`);
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
    case 'has': {
      const has = withThen(clause, await linked(within, clause.source, clause.then));
      if (has.then.on !== 'id') await weighHas(within, has);
      return has;
    }
    default:
      return clause;
  }
}

/**
 * A clause at the other end of a link. Few records that answer it are named: the planner cannot
 * know how few they are. Many stay a condition, asked of each candidate's own links.
 */
async function linked(within: Settling, type: string, clause: Clause): Promise<Clause> {
  const settled = await one(within, type, clause);
  const ids = isExact(settled)
    ? await fewIds(within, type, settled)
    : await idsMatching(within, type, settled);
  if (ids !== undefined) return { on: 'id', not: false, ids };
  // A bare list of ids at a link's end is one that was looked up: this one was not.
  return settled.on === 'id' ? { on: 'and', name: '_id', clauses: [settled] } : settled;
}

function withThen<T extends object>(rest: T, then: Clause): T & { then: Clause } {
  // oxlint-disable-next-line unicorn/no-thenable -- a clause, never a function
  return { ...rest, then };
}
