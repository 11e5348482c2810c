import { openedAsOf } from './as-of.ts';
import { type Opened, openedInOrder, type Walk } from './opened.ts';
import type { After } from './page.ts';
import type { Plan } from './plan.ts';

/** Candidates one by one, opened and tested: as they are, or as they were at the plan's instant. */
export function opened(
  walk: Walk & { readonly plan: Plan },
  from: After | undefined,
  ranOut: () => void,
): AsyncGenerator<Opened> {
  const { at } = walk.plan;
  return at === undefined ? openedInOrder(walk, from, ranOut) : openedAsOf(walk, at, from, ranOut);
}
