import type { SubjectKey } from '#phi';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { matchesClause } from '../../../standards/fhir/search/matches-clause.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { livingKeys } from '../living-key.ts';
import type { Resource } from '../prepare.ts';
import { renderRecord } from '../render.ts';
import type { Stored } from '../stored.ts';
import { type Asked as Candidates, candidates } from './candidates.ts';
import { passes, type Test } from './narrow.ts';
import type { After, Found, SearchAsked } from './page.ts';
import { visibleGroups } from './reach.ts';

/** Candidates of the first block and of the largest: a rare match must not cost round trips. */
const BLOCKS = { first: 100, most: 1000 } as const;

export type Opened = {
  readonly found: Found;
  /** What the caller sees of it. */
  readonly resource: Resource;
  readonly matches: boolean;
};

export type Walk = {
  readonly asked: SearchAsked;
  readonly tx: Transaction;
  /** Which candidates, in whose order. */
  readonly plan: Candidates;
};

/**
 * Candidates one by one in the query's order, opened with the caller's eyes and tested. Ends at the
 * last one, or when the request's budget is used up: then `ranOut` is called.
 */
export async function* openedInOrder(
  { asked, tx, plan }: Walk,
  from: After | undefined,
  ranOut: () => void,
): AsyncGenerator<Opened> {
  const testsOf = new Map(plan.parts.map((part) => [part.type, part.tests]));
  let after = from;
  for (let size: number = BLOCKS.first; ; size = Math.min(size * 3, BLOCKS.most)) {
    const limit = Math.min(size, asked.budget.opened);
    const rows = await candidates(tx, plan, { after, limit: limit + 1 });
    const block = rows.slice(0, limit);
    const subjects = block.map(({ stored }) => stored.subject);
    const keyOf = await livingKeys(asked.store, tx, subjects);
    for (const { held, ...found } of block) {
      asked.budget.opened -= 1;
      const tests = testsOf.get(found.stored.type) ?? [];
      const one = await openedAs(asked, found, keyOf(found.stored.subject), { tests, held });
      if (one !== undefined) yield one;
    }
    if (rows.length <= limit) return;
    if (asked.budget.opened === 0) return ranOut();
    after = block.at(-1)?.after;
  }
}

/** undefined: the caller may not see it, or nobody can any more. */
export async function openedAs(
  asked: SearchAsked,
  found: Found,
  key: SubjectKey | undefined,
  { tests, held }: { tests: readonly Test[]; held: number },
): Promise<Opened | undefined> {
  const resource = await contentFor(asked, found.stored, key);
  if (resource === undefined) return undefined;
  const { registry } = asked.store.searchParameters.known(asked.caller.principal.tenant);
  const updatedAt = found.stored.updatedAt.getTime();
  const context = { own: asked.store.baseUrl, registry, updatedAt };
  const answers = (clause: Clause) => matchesClause(resource, clause, context);
  return { found, resource, matches: tests.every((test) => passes(test, held, answers)) };
}

async function contentFor(
  asked: SearchAsked,
  stored: Stored,
  key: SubjectKey | undefined,
): Promise<Resource | undefined> {
  const visible = await visibleGroups(asked, stored);
  if (visible === undefined || key === undefined) return undefined;
  return parseResourceJson(renderRecord(key, stored, visible.groups).json) as Resource;
}
