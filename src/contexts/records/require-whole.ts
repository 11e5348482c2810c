import { refuse } from '../../platform/problem.ts';
import { unseenGroups } from './allow.ts';
import type { Change } from './change.ts';
import { recordKinds } from './problems.ts';
import type { Stored } from './stored.ts';

/**
 * An update with what `_elements` or `_summary` left of a record would delete the rest of it (R4
 * search.html#summary). What roles do not show is kept: an update with that part is welcome.
 */
export function requireWhole(
  work: Parameters<typeof unseenGroups>[0],
  change: Change,
  current: Stored | undefined,
): void {
  if (change.deed === 'delete' || !change.prepared.subsetted) return;
  if (current === undefined || current.deleted || unseenGroups(work, change).length > 0) return;
  const text = 'The resource is marked SUBSETTED: it would replace the whole by a part.';
  refuse(recordKinds.structure, `${text} Read it whole first.`);
}
