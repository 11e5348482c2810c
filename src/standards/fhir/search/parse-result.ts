import type { Budget } from './budget.ts';
import { dateRange } from './date-range.ts';
import { type SearchParameter, searchableTypes, searchParameters } from './parameter.ts';
import { parameterOf } from './parse-clause.ts';
import type { Include, SearchQuery, SortKey } from './search-query.ts';
import { refuse } from './search-refused.ts';

/** The largest page; a higher `_count` gets this one and is told so in `limited`. */
const maxCount = 1000;
const maxSortKeys = 10;
const maxElements = 100;

type Pair = { query: SearchQuery; name: string; value: string; budget: Budget };

function oneOf<Word extends string>(pair: Pair, words: readonly Word[]): Word {
  const found = words.find((word) => word === pair.value);
  return found ?? refuse('value', pair.name, `${pair.name} takes ${words.join(', ')}.`);
}

function count({ query, name, value }: Pair): void {
  if (!/^\d{1,9}$/.test(value)) refuse('value', name, `_count takes a number, 0 to ${maxCount}.`);
  query.count = Math.min(Number(value), maxCount);
  if (Number(value) <= maxCount) return;
  query.limited = [
    ...(query.limited ?? []),
    `_count is at most ${maxCount}; pages have that size.`,
  ];
}

function sort({ query, name, value, budget }: Pair): void {
  const parameters = budget.registry.parametersOf(query.type);
  for (const text of value.split(',')) {
    const descending = text.startsWith('-');
    const code = descending ? text.slice(1) : text;
    query.sort.push(sortKey({ type: query.type, name, parameters }, code, descending));
  }
  if (query.sort.length > maxSortKeys)
    refuse('too-costly', name, `At most ${maxSortKeys} sort keys.`);
}

type Sorted = { type: string; name: string; parameters: ReadonlyMap<string, SearchParameter> };

function sortKey({ type, name, parameters }: Sorted, code: string, descending: boolean): SortKey {
  if (code === '_id') return { param: code, kind: 'id', descending };
  if (code === '_lastUpdated') return { param: code, kind: 'updated', descending };
  if (code === '_score') {
    return refuse('not-supported', name, '_score is not supported: every match matches alike.');
  }
  const parameter = parameters.get(code);
  const kind = parameter?.kind;
  if (!parameter || kind === undefined || kind === 'composite' || kind === 'special') {
    return refuse(
      'value',
      name,
      `_sort takes search parameters of ${type} that are not composite.`,
    );
  }
  const [only = code, ...others] = parameter.covers;
  if (others.length === 0) return { param: only, kind, descending };
  return { param: code, kind, descending, params: [...parameter.covers] };
}

function elements({ query, name, value }: Pair): void {
  query.elements.push(...value.split(','));
  const wellFormed = query.elements.every((one) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(one));
  if (!wellFormed || query.elements.length > maxElements) {
    refuse(
      'value',
      name,
      `_elements takes up to ${maxElements} element names such as code,subject.`,
    );
  }
}

function cursor({ query, name, value }: Pair): void {
  if (value === '' || value.length > 4096)
    refuse('value', name, '_cursor is taken from a next link.');
  query.cursor = value;
}

function onlyDefault({ name, value }: Pair, only: string, why: string): void {
  if (value !== only) refuse('not-supported', name, `${name} is only ${only} here: ${why}.`);
}

function asOf({ query, name, value }: Pair): void {
  const instant = value.replace(/ (?=\d\d:\d\d$)/, '+');
  const found = dateRange(instant);
  if (!found || !/T.*(?:Z|[+-]\d\d:\d\d)$/.test(instant)) {
    refuse('value', name, '_asOf takes an instant such as 2024-05-01T10:00:00Z.');
  }
  query.asOf = instant;
}

const summaries = ['false', 'true', 'text', 'data', 'count'] as const;
const totals = ['none', 'estimate', 'accurate'] as const;

/** Result parameters given once, R4 search.html#return. */
const once: Readonly<Record<string, (pair: Pair) => void>> = {
  _count: count,
  _cursor: cursor,
  _total: (pair) => {
    pair.query.total = oneOf(pair, totals);
  },
  _summary: (pair) => {
    pair.query.summary = oneOf(pair, summaries);
  },
  // Content negotiation is the HTTP side's; the self link keeps them.
  _format: () => undefined,
  _pretty: () => undefined,
  _contained: (pair) =>
    onlyDefault(pair, 'false', 'contained resources are found in what holds them'),
  _containedType: (pair) =>
    onlyDefault(pair, 'container', 'the resource that holds it is returned'),
  _explain: (pair) => {
    pair.query.explain = oneOf(pair, ['true', 'false']) === 'true';
  },
  _asOf: asOf,
};
const repeatable: Readonly<Record<string, (pair: Pair) => void>> = {
  _sort: sort,
  _elements: elements,
  _include: include,
  '_include:iterate': include,
  _revinclude: include,
  '_revinclude:iterate': include,
};

/** Reads a result parameter into the query; false if the name is not one. */
export function readResultParameter(pair: Pair, seen: Set<string>): boolean {
  const { name } = pair;
  const [code = ''] = name.split(':', 1);
  const read = Object.hasOwn(once, name) ? once[name] : undefined;
  const again = Object.hasOwn(repeatable, name) ? repeatable[name] : undefined;
  if (!read && !again) {
    if (!Object.hasOwn(once, code) && !Object.hasOwn(repeatable, code)) return false;
    return refuse('invalid', name, `${code} does not take that modifier.`);
  }
  if (read && seen.has(name)) return refuse('invalid', name, `${name} is given more than once.`);
  seen.add(name);
  (read ?? again)?.(pair);
  return true;
}

function include(pair: Pair): void {
  const { query, name, value } = pair;
  const reverse = name.startsWith('_revinclude');
  const iterate = name.endsWith(':iterate');
  const [source = '', code, target, ...more] = value.split(':');
  if (value === '*') {
    const sources = reverse ? pointingTo(pair) : includedFrom(query.type);
    const found = sources.map((source) => ({ source, param: '*', iterate }));
    (reverse ? query.revinclude : query.include).push(...found);
    return;
  }
  if (code === undefined || more.length > 0 || searchParameters(source).size === 0) {
    refuse('value', name, `${name} takes Type:reference or Type:reference:Target.`);
  }
  if (target !== undefined && searchParameters(target).size === 0) {
    refuse('value', name, `${name} names a target that is not an R4 resource.`);
  }
  if (!reverse && !iterate && source !== query.type && query.type !== 'Resource') {
    refuse(
      'value',
      name,
      `${name} starts at ${query.type}; use _include:iterate for another type.`,
    );
  }
  const found = code === '*' ? all(source, target, iterate) : some(source, code, pair);
  const points = reverse && !iterate && query.type !== 'Resource' ? query.type : undefined;
  const list = reverse ? query.revinclude : query.include;
  for (const one of found) list.push(narrowed(one, { target, points, iterate, name }));
}

function includedFrom(type: string): readonly string[] {
  return type === 'Resource' ? searchableTypes() : [type];
}

/** The types with a reference that may point to what is searched. */
function pointingTo({ query, budget }: Pair): string[] {
  return searchableTypes().filter((type) =>
    [...budget.registry.parametersOf(type).values()].some(
      ({ kind, targets }) =>
        kind === 'reference' &&
        (query.type === 'Resource' ? targets.length > 0 : targets.includes(query.type)),
    ),
  );
}

function all(source: string, target: string | undefined, iterate: boolean): Include[] {
  return [{ source, param: '*', iterate, ...(target !== undefined && { target }) }];
}

function some(source: string, code: string, pair: Pair): (Include & { of: SearchParameter })[] {
  const { name, budget } = pair;
  const parameter = parameterOf(source, code, budget.registry);
  if (parameter.kind !== 'reference' || parameter.targets.length === 0) {
    return refuse('value', name, `${name} takes a parameter that refers to stored resources.`);
  }
  const { target } = parameter;
  return parameter.covers.map((param) => ({
    source,
    param,
    iterate: false,
    of: parameter,
    ...(target !== undefined && { target }),
  }));
}

type Narrow = {
  target: string | undefined;
  points: string | undefined;
  iterate: boolean;
  name: string;
};

/** An include limited to the asked target, which the parameter must be able to point to. */
function narrowed(one: Include & { of?: SearchParameter }, narrow: Narrow): Include {
  const { of, ...found } = one;
  const { target, points, iterate, name } = narrow;
  for (const wanted of [target, points]) {
    if (wanted !== undefined && of && !of.targets.includes(wanted)) {
      refuse('value', name, `${of.code} can not point to that type.`);
    }
  }
  return { ...found, iterate, ...(target !== undefined && { target }) };
}
