import type { Transaction } from '../../../platform/postgres/database.ts';
import { Problem } from '../../../platform/problem.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { requireReach } from '../allow.ts';
import { countsOf } from '../count.ts';
import type { SearchAsked } from './page.ts';
import { type Part, partOf } from './part.ts';
import { scopeOf } from './reach.ts';
import type { Scope } from './scope.ts';
import { settle } from './settle.ts';
import { requireVisible } from './visible.ts';

export type Plan = {
  readonly scope: Scope;
  readonly query: SearchQuery;
  readonly parts: readonly Part[];
  /** `_asOf`: records as they were then. */
  readonly at?: Date;
  /** Types asked about that the caller's roles do not see. */
  readonly unseen: readonly string[];
};

/** Types beyond which those without records are left out first, which costs a statement. */
const FEW_TYPES = 4;

/** What the query asks of each of its types. */
export function partsOf(query: SearchQuery): readonly { type: string; where: readonly Clause[] }[] {
  return query.types ?? [{ type: query.type, where: query.where }];
}

/** Throws AccessDenied when the caller sees nothing of any type asked about. */
export async function planOf(asked: SearchAsked, tx: Transaction): Promise<Plan> {
  const { store, caller, query } = asked;
  const scope = await scopeOf(asked);
  const parts: Part[] = [];
  const unseen: string[] = [];
  const all = partsOf(query);
  const stored = all.length > FEW_TYPES ? await countsOf(tx) : undefined;
  for (const { type, where } of all) {
    const { kind } = store.access.reach(caller.principal, 'search', type, caller.purpose);
    if (kind === 'none' && all.length > 1) {
      unseen.push(type);
      continue;
    }
    requireReach({ store, caller, action: 'search', type });
    // Each type costs the planner half a millisecond, also one nobody ever stored.
    if (stored !== undefined && (stored.get(type)?.live ?? 0) === 0) continue;
    try {
      requireSortable(scope, type, query);
      const clauses = await settle({ asked, tx, scope }, type, where);
      parts.push(partOf(scope, type, clauses));
    } catch (error) {
      // One of several types that may not be asked about by an element leaves the others.
      if (all.length === 1 || !isForbidden(error)) throw error;
      unseen.push(type);
    }
  }
  const [first] = all;
  if (unseen.length === all.length && first !== undefined) {
    requireReach({ store, caller, action: 'search', type: first.type });
  }
  return { scope, query, parts, unseen };
}

function isForbidden(error: unknown): boolean {
  return error instanceof Problem && error.kind.status === 403;
}

function requireSortable(scope: Scope, type: string, { sort }: SearchQuery): void {
  const params = sort.flatMap((key) => key.params ?? [key.param]);
  requireVisible(scope.visible(type), type, params);
}
