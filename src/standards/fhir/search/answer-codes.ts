import type { ResolvedClause } from './opened-clause.ts';
import { r4Registry, type SearchRegistry } from './registry.ts';
import type { Clause, TokenTest } from './search-query.ts';

export type Coded = { system?: string; code: string };

/**
 * A clause of `:in`, `:not-in`, `:above` or `:below` as a token clause, once the terminology has
 * told which codes it means. A code element carries no system: there the code alone is compared, if
 * its value set has it from that system (R4 search.html#token, "implicit").
 */
export function answerCodes(
  type: string,
  clause: ResolvedClause,
  codes: readonly Coded[],
  registry: SearchRegistry = r4Registry,
): Clause {
  const { name, params } = clause;
  const parameters = params.map((param) => registry.parametersOf(type).get(param));
  const implied = parameters.flatMap((one) => one?.systems ?? []);
  const bare = parameters.every((one) => one?.systems !== undefined);
  const values = codes.flatMap(({ system, code }): TokenTest[] => {
    if (!bare) return [{ ...(system !== undefined && { system }), code }];
    const known = system === undefined || implied.length === 0 || implied.includes(system);
    return known ? [{ code }] : [];
  });
  const not = clause.on === 'value-set' && clause.not;
  return { on: 'token', name, params, modifier: not ? 'not' : '', values };
}
