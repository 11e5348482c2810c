/**
 * Lists the codes of value sets that can be listed from the definitions alone (no terminology
 * server).
 */

type Concept = { code: string; concept?: Concept[] };
type Filter = { property: string; op: string; value: string };
type Include = {
  system?: string;
  concept?: Concept[];
  filter?: Filter[];
  valueSet?: string[];
};
export type ValueSet = { url: string; compose?: { include: Include[]; exclude?: Include[] } };
export type CodeSystem = { url: string; content: string; concept?: Concept[] };

const codesBelow = (concepts: Concept[]): string[] =>
  concepts.flatMap((one) => [one.code, ...codesBelow(one.concept ?? [])]);

function find(concepts: Concept[], code: string): Concept | undefined {
  for (const one of concepts) {
    const found = one.code === code ? one : find(one.concept ?? [], code);
    if (found) return found;
  }
  return undefined;
}

function filtered(system: CodeSystem, filter: Filter): string[] | undefined {
  if (filter.property !== 'concept') return undefined;
  const top = find(system.concept ?? [], filter.value);
  if (!top) return undefined;
  if (filter.op === 'is-a') return codesBelow([top]);
  if (filter.op === 'descendent-of') return codesBelow(top.concept ?? []);
  return undefined;
}

/**
 * Returns a function from a value set's url to its codes, or undefined where they cannot be listed.
 */
export function expander(
  valueSets: ValueSet[],
  codeSystems: CodeSystem[],
): (url: string) => string[] | undefined {
  const setByUrl = new Map(valueSets.map((one) => [one.url, one]));
  const systemByUrl = new Map(codeSystems.map((one) => [one.url, one]));

  function ofSystem(include: Include): string[] | undefined {
    if (include.concept) return include.concept.map((one) => one.code);
    const system = systemByUrl.get(include.system ?? '');
    if (system?.content !== 'complete') return undefined;
    if (!include.filter) return codesBelow(system.concept ?? []);
    const lists = include.filter.map((filter) => filtered(system, filter));
    return intersection(lists);
  }

  function ofInclude(include: Include): string[] | undefined {
    const lists = (include.valueSet ?? []).map((url) => expand(url.split('|')[0] ?? ''));
    if (include.system) lists.push(ofSystem(include));
    return intersection(lists);
  }

  function expand(url: string): string[] | undefined {
    const compose = setByUrl.get(url)?.compose;
    if (!compose) return undefined;
    const included = compose.include.map(ofInclude);
    const excluded = (compose.exclude ?? []).map(ofInclude);
    if ([...included, ...excluded].includes(undefined)) return undefined;
    const without = new Set(excluded.flatMap((list) => list ?? []));
    const codes = new Set(included.flatMap((list) => list ?? []));
    return [...codes].filter((code) => !without.has(code));
  }

  return expand;
}

function intersection(lists: (string[] | undefined)[]): string[] | undefined {
  const [first, ...rest] = lists;
  if (!first || rest.includes(undefined)) return undefined;
  return first.filter((code) => rest.every((list) => list?.includes(code)));
}
