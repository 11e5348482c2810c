import type { JsonObject } from '../json-object.ts';
import type { CodeSystem } from './code-system.ts';
import { compileFilter } from './filter.ts';
import { grammarOf } from './grammar.ts';
import { type Found, holdsWords, type Member, memberOf } from './member.ts';
import { budget, membersPart, type Part, weightOf } from './part.ts';
import { refuseTerm } from './refused.ts';
import { textOf } from './resource-field.ts';
import { designationsOf } from './resource-system.ts';

/** The code system an include is of; `system` undefined: not held here. */
export type Source = { url: string; version: string | undefined; system: CodeSystem | undefined };

/** Held in part, or as an example: a code that is not there may exist all the same. */
const partial = (system: CodeSystem) => system.completeness !== 'complete';

/** A whole code system. */
export function systemPart(source: Source): Part {
  const { url, system } = source;
  if (system === undefined) return grammarPart(source) ?? unknownPart(source);
  return {
    find(asked, code) {
      if (asked !== undefined && asked !== url) return false;
      const concept = system.find(code);
      if (concept >= 0) return memberOf(system, concept);
      return partial(system) ? undefined : false;
    },
    *members(words = []) {
      if (words.length > 0) {
        for (const concept of system.search(words)) yield memberOf(system, concept);
      } else {
        for (let concept = 0; concept < system.size; concept += 1) yield memberOf(system, concept);
      }
    },
    unknown: [],
    limited: partial(system),
    weight: 1,
  };
}

/** Several filters of one include are all to be met (R4 ValueSet.compose.include.filter). */
export function filterPart(source: Source, filters: readonly JsonObject[]): Part {
  const { url, system } = source;
  if (system === undefined) return unknownPart(source);
  const compiled = filters.map((filter) => compileFilter(system, filter));
  const passes = (concept: number) => compiled.every((filter) => filter.test(concept));
  const spent = () => compiled.reduce((sum, filter) => sum + (filter.spent?.() ?? 0), 0);
  const leader = compiled.find((filter) => filter.candidates !== undefined);
  return {
    find(asked, code) {
      if (asked !== undefined && asked !== url) return false;
      const concept = system.find(code);
      if (concept < 0) return partial(system) ? undefined : false;
      return passes(concept) && memberOf(system, concept);
    },
    *members(words = []) {
      const candidates = leader?.candidates?.();
      if (candidates === undefined || (words.length > 0 && candidates.size > FEW)) {
        const scan = words.length > 0 ? system.search(words) : numbers(system.size);
        const most = spent() + MOST_STEPS;
        for (const concept of scan) {
          if (passes(concept)) yield memberOf(system, concept);
          if (spent() > most) refuseTerm('too-costly', 'This regular expression is too much work.');
        }
        return;
      }
      const others = compiled.filter((filter) => filter !== leader);
      for (const concept of candidates) {
        if (!others.every((filter) => filter.test(concept))) continue;
        const member = memberOf(system, concept);
        if (words.length === 0 || holdsWords(member, words)) yield member;
      }
    },
    unknown: [],
    limited: partial(system),
    weight: 1,
  };
}

/** Steps of regular expressions in one listing: half a second. */
const MOST_STEPS = 20_000_000;
/** Concepts whose terms are read one by one for a text; beyond, all terms are searched at once. */
const FEW = 1_000;

function* numbers(size: number): Iterable<number> {
  for (let number = 0; number < size; number += 1) yield number;
}

/** Codes one by one. They are in the value set even where their system is not held here. */
export function listPart({ url, version, system }: Source, concepts: readonly JsonObject[]): Part {
  const list = concepts.flatMap((one): Member[] => {
    const code = textOf(one['code']);
    if (code === undefined) return [];
    const number = system?.find(code) ?? -1;
    const known = system !== undefined && number >= 0 ? memberOf(system, number) : undefined;
    const designations = designationsOf(one);
    return [
      {
        system: url,
        version: version ?? system?.version,
        code: known?.code ?? code,
        display: textOf(one['display']) ?? known?.display,
        get designations() {
          return designations.length > 0 ? designations : (known?.designations ?? []);
        },
        abstract: known?.abstract === true,
        inactive: known?.inactive === true,
        concept: known?.concept,
      },
    ];
  });
  return membersPart(list, system?.caseSensitive === false ? (code) => code.toLowerCase() : same);
}

const same = (code: string) => code;

/** In the first and in every other (R4 valueset.html#compositions: within one include, all). */
export function intersection(first: Part, others: readonly Part[]): Part {
  if (others.length === 0) return first;
  const inAll = (member: Member): Found => {
    let answer: Found = member;
    for (const other of others) {
      const found = other.find(member.system, member.code);
      if (found === false) return false;
      if (found === undefined) answer = undefined;
    }
    return answer;
  };
  const parts = [first, ...others];
  const unknown = [...new Set(parts.flatMap((part) => part.unknown))];
  return {
    find(system, code) {
      const found = first.find(system, code);
      if (found) return inAll(found);
      if (found === false) return false;
      return others.some((other) => other.find(system, code) === false) ? false : undefined;
    },
    *members(words) {
      // Whichever can be listed leads; the others are only asked.
      const leader = parts.find((part) => part.unknown.length === 0) ?? first;
      const rest = parts.filter((part) => part !== leader);
      const step = budget(weightOf(rest));
      for (const member of leader.members(words)) {
        step();
        const found = rest.map((part) => part.find(member.system, member.code));
        if (found.every(Boolean)) yield member;
        else if (!found.includes(false)) notListable(unknown[0] ?? '');
      }
    },
    unknown,
    limited: parts.some((part) => part.limited),
    weight: weightOf(parts),
  };
}

function notListable(url: string): never {
  return refuseTerm('not-found', `The code system ${url} is not held here.`, url);
}

function unknownPart({ url }: Source): Part {
  return {
    find: (asked) => (asked === undefined || asked === url ? undefined : false),
    members: () => notListable(url),
    unknown: [url],
    limited: false,
    weight: 1,
  };
}

/** UCUM, languages, media types: as many codes as anyone writes. */
function grammarPart({ url, version }: Source): Part | undefined {
  const grammar = grammarOf(url);
  if (grammar === undefined) return undefined;
  const more = { designations: [], abstract: false, inactive: false, concept: undefined };
  return {
    find(asked, code) {
      if (asked !== undefined && asked !== url) return false;
      const known = grammar(code);
      if (known !== true) return known;
      return { system: url, version, code, display: undefined, ...more };
    },
    members: () =>
      refuseTerm('too-costly', `The codes of ${url} are a grammar: they cannot be listed.`),
    unknown: [url],
    limited: false,
    weight: 1,
  };
}
