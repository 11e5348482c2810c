import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import { type Criteria, lockCriteria, type Match, theOne } from '../conditional.ts';
import type { Store } from '../store.ts';
import { type Entry, inEntry } from './entry.ts';
import { criteriaIn } from './links.ts';

/** By their text, with the first entry that has them. */
export type AllCriteria = ReadonlyMap<string, Criteria & { readonly entry: number }>;

/** By the criteria's text, what they found; undefined: nothing. */
export type Matches = ReadonlyMap<string, Match | undefined>;

export const nameOf = ({ type, query }: Criteria) => `${type}?${query}`;

/** Everything that must be looked up before the entries have their names. */
export function criteriaOf(entries: readonly Entry[]): AllCriteria {
  const all = new Map<string, Criteria & { entry: number }>();
  for (const entry of entries) {
    const own = ownCriteria(entry);
    const linked = entry.resource === undefined ? [] : criteriaIn(entry.resource);
    for (const one of own === undefined ? linked : [own, ...linked]) {
      const name = nameOf(one);
      if (!all.has(name)) all.set(name, { ...one, entry: entry.index });
    }
  }
  return all;
}

/** What decides on which record the entry works: FHIR R4 http.html#ccreate, #cond-update. */
export function ownCriteria(entry: Entry): Criteria | undefined {
  const { method, type, query, ifNoneExist } = entry;
  if (method === 'POST' && ifNoneExist !== undefined) return { type, query: ifNoneExist };
  if ((method === 'PUT' || method === 'DELETE') && query !== undefined) return { type, query };
  return undefined;
}

type Within = { readonly store: Store; readonly caller: Caller; readonly tx: Transaction };

export async function matches(within: Within, all: AllCriteria): Promise<Matches> {
  await lockCriteria(within, [...all.values()]);
  const found = new Map<string, Match | undefined>();
  for (const [name, one] of all) {
    try {
      found.set(name, await theOne(within, one));
    } catch (error) {
      throw inEntry(error, one.entry);
    }
  }
  return found;
}
