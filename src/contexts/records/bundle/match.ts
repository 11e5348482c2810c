import { Breath } from '../breath.ts';
import {
  type Criteria,
  criteriaOfNoneExist,
  lockCriteria,
  type Match,
  theOne,
  theOneLocked,
} from '../conditional.ts';
import type { Within } from '../transact.ts';
import { type Entry, inEntry } from './entry.ts';
import { criteriaIn } from './links.ts';

/** By their text, with the first entry that has them. */
export type AllCriteria = ReadonlyMap<string, Wanted>;

/** `changes`: what matches is going to be changed. */
type Wanted = Criteria & { readonly entry: number; readonly changes: boolean };

/** By the criteria's text, what they found; undefined: nothing. */
export type Matches = ReadonlyMap<string, Match | undefined>;

export const nameOf = ({ type, query }: Criteria) => `${type}?${query}`;

/** Everything that must be looked up before the entries have their names. */
export type Wanting = {
  readonly all: AllCriteria;
  /** The conditional references, with the entries they stand in. */
  readonly linked: readonly { readonly entry: Entry; readonly criteria: Criteria }[];
};

export async function criteriaOf(entries: readonly Entry[]): Promise<Wanting> {
  const all = new Map<string, Wanted>();
  const linked: { entry: Entry; criteria: Criteria }[] = [];
  const breath = new Breath();
  const add = (criteria: Criteria, entry: number, changes: boolean) => {
    const known = all.get(nameOf(criteria));
    if (known !== undefined && (known.changes || !changes)) return;
    all.set(nameOf(criteria), { ...criteria, entry, changes });
  };
  for (const entry of entries) {
    if (breath.due()) await breath.take();
    const own = ownCriteria(entry);
    if (own !== undefined) add(own, entry.index, entry.method !== 'POST');
    if (entry.resource === undefined) continue;
    for (const criteria of criteriaIn(entry.resource)) {
      add(criteria, entry.index, false);
      linked.push({ entry, criteria });
    }
  }
  return { all, linked };
}

/** What decides on which record the entry works: FHIR R4 http.html#ccreate, #cond-update. */
export function ownCriteria(entry: Entry): Criteria | undefined {
  const { method, type, query, ifNoneExist } = entry;
  if (method === 'POST' && ifNoneExist !== undefined) {
    return criteriaOfNoneExist(type, ifNoneExist);
  }
  const changes = method === 'PUT' || method === 'PATCH' || method === 'DELETE';
  if (changes && query !== undefined) return { type, query };
  return undefined;
}

/** Looked for at once, one behind the other on the transaction's connection. */
const AT_ONCE = 32;

export async function matches(within: Within, all: AllCriteria): Promise<Matches> {
  await lockCriteria(within, [...all.values()]);
  const found = new Map<string, Match | undefined>();
  const waiting = [...all];
  for (let from = 0; from < waiting.length; from += AT_ONCE) {
    const some = waiting.slice(from, from + AT_ONCE);
    // All are awaited, behind a refusal too: none may still be asking when the connection is freed.
    const settled = await Promise.allSettled(some.map(([, one]) => lookFor(within, one)));
    for (const [at, result] of settled.entries()) {
      if (result.status === 'rejected') throw result.reason;
      found.set(some[at]?.[0] ?? '', result.value);
    }
  }
  return found;
}

async function lookFor(within: Within, one: Wanted): Promise<Match | undefined> {
  try {
    return await (one.changes ? theOneLocked : theOne)(within, one);
  } catch (error) {
    throw inEntry(error, one.entry);
  }
}
