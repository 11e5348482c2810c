import type { JsonObject } from '../json-object.ts';
import { isJsonObject } from '../json-object.ts';
import type { CodeSystem } from './code-system.ts';
import { filterPart, intersection, listPart, systemPart } from './include-part.ts';
import type { Found, Member } from './member.ts';
import { bounded, budget, expansionPart, type Part, weightOf } from './part.ts';
import { refuseTerm } from './refused.ts';
import { objectsOf, textOf } from './resource-field.ts';

/** A value set made ready for questions. */
export type ValueSet = Part & {
  readonly resource: JsonObject;
  readonly url: string | undefined;
  readonly version: string | undefined;
};

/** Where the parts of a compose come from. */
export type Surroundings = {
  codeSystem(url: string, version?: string): CodeSystem | undefined;
  /** Compiles an imported value set; undefined: not known here. */
  valueSet(canonical: string): ValueSet | undefined;
};

/** includes, excludes, and imports of one include: each is asked for every code. */
const MOST_INCLUDES = 2_000;

/**
 * A ValueSet resource: its compose, or, having none, its expansion (R4 valueset.html#compositions).
 * Throws TerminologyRefused for a composition that means nothing.
 */
export function compileValueSet(resource: JsonObject, around: Surroundings): ValueSet {
  const part = partOf(resource, around);
  return {
    ...part,
    resource,
    url: textOf(resource['url']),
    version: textOf(resource['version']),
  };
}

function partOf(resource: JsonObject, around: Surroundings): Part {
  const expansion = isJsonObject(resource['expansion'])
    ? expansionPart(resource['expansion'])
    : undefined;
  if (!isJsonObject(resource['compose'])) {
    return expansion ?? refuseTerm('invalid', 'The value set has neither compose nor expansion.');
  }
  const { compose } = resource;
  const includes = objectsOf(compose['include']);
  const excludes = objectsOf(compose['exclude']);
  if (includes.length + excludes.length > MOST_INCLUDES) {
    refuseTerm('too-costly', `A value set has at most ${MOST_INCLUDES} includes and excludes.`);
  }
  const composed = combined(
    includes.map((one) => includePart(one, around)),
    excludes.map((one) => includePart(one, around)),
    compose['inactive'] === false,
  );
  return expansion === undefined ? composed : withExpansion(composed, expansion);
}

function includePart(include: JsonObject, around: Surroundings): Part {
  const imports = (Array.isArray(include['valueSet']) ? include['valueSet'] : []).map(
    (canonical: unknown) => {
      const url = textOf(canonical) ?? '';
      return around.valueSet(url) ?? unknownImport(url);
    },
  );
  const url = textOf(include['system']);
  if (url === undefined) {
    const [first, ...others] = imports;
    if (first === undefined) {
      return refuseTerm('invalid', 'An include of a value set needs a system or a valueSet.');
    }
    return intersection(first, others);
  }
  const version = textOf(include['version']);
  const source = { url, version, system: around.codeSystem(url, version) };
  const filters = objectsOf(include['filter']);
  const own = Array.isArray(include['concept'])
    ? listPart(source, objectsOf(include['concept']))
    : filters.length > 0
      ? filterPart(source, filters)
      : systemPart(source);
  return intersection(own, imports);
}

/** Whatever the code, it may be in there. */
function unknownImport(canonical: string): Part {
  return {
    find: () => undefined,
    members: () => {
      const says = 'The value set imports one that is not known here.';
      return refuseTerm('not-found', says, canonical);
    },
    unknown: [canonical],
    limited: false,
    weight: 1,
  };
}

/** Any include and no exclude; what cannot be told in one place may be told in another. */
function combined(includes: Part[], excludes: Part[], activeOnly: boolean): Part {
  const judge = (member: Member): Found => {
    if (activeOnly && member.inactive) return false;
    let unsure = false;
    for (const exclude of excludes) {
      const found = exclude.find(member.system, member.code);
      if (found) return false;
      unsure ||= found === undefined;
    }
    return unsure ? undefined : member;
  };
  const dropped = weightOf(excludes);
  return {
    find(system, code) {
      let answer: Found = false;
      for (const include of includes) {
        const found = include.find(system, code);
        const judged = found ? judge(found) : found;
        if (judged) return judged;
        if (judged === undefined) answer = undefined;
      }
      return answer;
    },
    *members(words) {
      const seen = includes.length > 1 ? new Set<string>() : undefined;
      const step = budget(dropped);
      for (const include of includes) {
        for (const member of include.members(words)) {
          step();
          if (seen !== undefined) {
            const key = `${member.system}|${member.code}`;
            if (seen.has(key)) continue;
            seen.add(key);
          }
          const judged = judge(member);
          if (judged) yield judged;
          if (judged === undefined) untold(excludes, member);
        }
      }
    },
    unknown: [...new Set([...includes, ...excludes].flatMap((part) => part.unknown))],
    limited: [...includes, ...excludes].some((part) => part.limited),
    weight: bounded(weightOf(includes) + includes.length * dropped),
  };
}

function untold(excludes: Part[], { system }: Member): never {
  const unknown = excludes.flatMap((part) => part.unknown)[0] ?? system;
  return refuseTerm('not-found', `What it excludes of ${unknown} is not known here.`, unknown);
}

/** A code system that is not here, but the value set came with its codes listed. */
function withExpansion(composed: Part, expansion: Part): Part {
  if (composed.unknown.length === 0) return composed;
  return {
    ...composed,
    find: (system, code) =>
      composed.find(system, code) ?? (expansion.find(system, code) || undefined),
    members: expansion.members,
  };
}
