import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import type { Group } from '../../../standards/fhir/sensitivity.ts';
import { livingKeys } from '../living-key.ts';
import { renderRecord } from '../render.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import { visibleGroups } from './reach.ts';

/** A record as the searcher sees it, and what the audit will say of that. */
export type Shown = {
  readonly stored: Stored;
  readonly json: Buffer;
  readonly groups: readonly Group[];
  readonly because: string;
};

/** undefined: the caller may not see it, or nobody can any more. */
export async function showRecord(
  asked: { store: Store; caller: Caller },
  tx: Transaction,
  stored: Stored,
): Promise<Shown | undefined> {
  const decision = await visibleGroups(asked, stored);
  if (decision === undefined) return undefined;
  const key = (await livingKeys(asked.store, tx, [stored.subject]))(stored.subject);
  if (key === undefined) return undefined;
  const rendered = renderRecord(key, stored, decision.groups);
  return { stored, json: rendered.json, groups: rendered.groups, because: decision.because };
}
