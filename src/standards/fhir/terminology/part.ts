import type { JsonObject } from '../json-object.ts';
import { type Found, holdsWords, type Member } from './member.ts';
import { refuseTerm } from './refused.ts';
import { objectsOf, textOf } from './resource-field.ts';
import { designationsOf } from './resource-system.ts';

/** A set of codes: a value set, or one include of it. */
export type Part = {
  /** Without a system any of that code; the code system's own case rule applies. */
  find(system: string | undefined, code: string): Found;
  /**
   * All of them that hold each of the words (lower case), none twice within a system. Throws
   * TerminologyRefused where they cannot be listed.
   */
  members(words?: readonly string[]): Iterable<Member>;
  /** Code systems that are not held here and would be needed to tell every code. */
  readonly unknown: readonly string[];
  /** A system of which only a part is held: a listing may not be all. */
  readonly limited: boolean;
  /** Sets that one `find` asks at most. */
  readonly weight: number;
};

/** Sets one question may ask: 10 ms. Imports of imports of imports could ask 2^32. */
const MOST_WEIGHT = 100_000;
/** Sets asked for one listing: about half a second. */
const MOST_ASKED = 5_000_000;

/** Of a set that asks all of these. Throws TerminologyRefused `too-costly` beyond the bound. */
export function weightOf(parts: readonly Part[]): number {
  return bounded(parts.reduce((sum, part) => sum + part.weight, 0));
}

export function bounded(weight: number): number {
  if (weight <= MOST_WEIGHT) return weight;
  return refuseTerm('too-costly', `One code would have to be looked for in ${MOST_WEIGHT} sets.`);
}

/** Counts a listing's members, each of which asks so many sets. */
export function budget(weight: number): () => void {
  let asked = 0;
  return () => {
    asked += 1 + weight;
    if (asked > MOST_ASKED) {
      refuseTerm('too-costly', `Listing these would ask ${MOST_ASKED} sets of codes.`);
    }
  };
}

/** ValueSet.expansion: the codes as someone listed them. Headings without a code are no members. */
export function expansionPart(expansion: JsonObject): Part {
  const list: Member[] = [];
  const waiting = objectsOf(expansion['contains']).reverse();
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const code = textOf(one['code']);
    if (code !== undefined) list.push(contained(one, code));
    waiting.push(...objectsOf(one['contains']).reverse());
  }
  const complete = list.length >= Number(expansion['total'] ?? 0);
  return { ...membersPart(list), limited: !complete };
}

function contained(one: JsonObject, code: string): Member {
  return {
    system: textOf(one['system']),
    version: textOf(one['version']),
    code,
    display: textOf(one['display']),
    designations: designationsOf(one),
    abstract: one['abstract'] === true,
    inactive: one['inactive'] === true,
    concept: undefined,
  };
}

/** A list of members as they are. */
export function membersPart(list: readonly Member[], key = (code: string) => code): Part {
  const byCode = new Map<string, Member[]>();
  for (const member of list) {
    const known = byCode.get(key(member.code));
    if (known === undefined) byCode.set(key(member.code), [member]);
    else known.push(member);
  }
  return {
    find(system, code) {
      const found = byCode.get(key(code));
      if (found === undefined) return false;
      if (system === undefined) return found[0] ?? false;
      return found.find((member) => member.system === system) ?? false;
    },
    *members(words = []) {
      for (const member of list) if (holdsWords(member, words)) yield member;
    },
    unknown: [],
    limited: false,
    weight: 1,
  };
}
