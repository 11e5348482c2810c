import type { SubjectKey } from '#phi';
import type { Transaction } from '../../platform/postgres/database.ts';
import { Problem } from '../../platform/problem.ts';
import type { Store } from './store.ts';

/** The key of a subject, or undefined when it was destroyed. */
export type LivingKeys = (subject: bigint) => SubjectKey | undefined;

/**
 * Keys for a page of records. An erased patient's records stay behind, unreadable for ever: a page
 * leaves them out instead of failing.
 */
export async function livingKeys(
  { phi }: Pick<Store, 'phi'>,
  tx: Transaction,
  subjects: readonly bigint[],
): Promise<LivingKeys> {
  const distinct = [...new Set(subjects)];
  const cached = phi.cachedKeys(tx.tenant, distinct);
  if (cached !== undefined) return (subject) => cached.of(subject);
  const all = await unlessErased(phi.keys(tx, distinct, 'refuse'));
  if (all !== undefined) return (subject) => all.of(subject);
  const living = new Map<bigint, SubjectKey>();
  for (const subject of distinct) {
    const keys = await unlessErased(phi.keys(tx, [subject], 'refuse'));
    if (keys !== undefined) living.set(subject, keys.of(subject));
  }
  return (subject) => living.get(subject);
}

async function unlessErased<T>(keys: Promise<T>): Promise<T | undefined> {
  try {
    return await keys;
  } catch (error) {
    if (error instanceof Problem && error.kind.code === 'ERASED') return undefined;
    throw error;
  }
}
