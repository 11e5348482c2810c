import { type Budget, spend } from './budget.ts';
import { alternativesOf, type ChainContext, chainTargets, oneDeeper } from './chain-link.ts';
import { type Filter, type FilterPath, readFilter } from './filter-text.ts';
import { normalizeString } from './normalize.ts';
import { clauseOf, parameterOf, parsePlain, type Test } from './parse-clause.ts';
import { rowsOf } from './parse-composite.ts';
import { missingClause } from './parse-missing.ts';
import { substringClause } from './parse-string.ts';
import { codedTest, valueSetTest } from './parse-token.ts';
import type { Clause } from './search-query.ts';
import { refuse, SearchRefused } from './search-refused.ts';

/** `_filter=…` over a type (R4 search_filter.html) as a tree of clauses. */
export function filterClause(type: string, text: string, context: ChainContext): Clause {
  if (text === '') return refuse('value', '_filter', '_filter has no value.');
  try {
    return built(type, readFilter(text), context);
  } catch (error) {
    // Leaving out a filter because of one unknown name would find what was filtered out.
    throw error instanceof SearchRefused ? new SearchRefused(error.issues) : error;
  }
}

function built(type: string, filter: Filter, context: ChainContext): Clause {
  const name = '_filter';
  switch (filter.on) {
    case 'not':
      return { on: 'not', name, clause: built(type, filter.filter, context) };
    case 'and':
    case 'or':
      return {
        on: filter.on,
        name,
        clauses: filter.filters.map((one) => built(type, one, context)),
      };
    case 'test':
      return tested(type, filter.path, filter, context);
  }
}

type Compared = { operator: string; value: string };

function tested(type: string, path: FilterPath, compared: Compared, context: ChainContext): Clause {
  const { registry } = context.budget;
  const code = path.name.split(':', 1)[0] ?? '';
  const name = code === 'id' && !registry.parametersOf(type).has('id') ? '_id' : path.name;
  spend(context.budget, '_filter', 1);
  const parameter = parameterOf(type, name, registry);
  const { where, rest } = path;
  if (rest === undefined) {
    if (name.includes(':')) refuse('invalid', name, '_filter takes operators, not modifiers.');
    const test = { type, name, parameter, modifier: '', budget: context.budget };
    return compare(test, compared);
  }
  if (parameter.kind === 'composite' && where !== undefined) {
    const test = { type, name, parameter, modifier: '', budget: context.budget };
    return withinElement(test, where, rest, compared);
  }
  const deeper = oneDeeper(context, name);
  const alternatives = alternativesOf(chainTargets(name, name, parameter), (target) => {
    spend(context.budget, name, 1);
    const then = tested(target, rest, compared, deeper);
    if (where === undefined) return then;
    return { on: 'and', name: '_filter', clauses: [built(target, where, deeper), then] };
  });
  return { on: 'chain', name, params: [...parameter.covers], alternatives };
}

/** `component-code-value-quantity[component-code eq x].component-value-quantity gt 5`. */
function withinElement(test: Test, where: Filter, rest: FilterPath, compared: Compared): Clause {
  const { name, parameter, budget, type } = test;
  const rows = rowsOf(parameter, budget.registry.parametersOf(type));
  const codes = parameter.root ?? rows?.parts?.map((part) => part.param) ?? [];
  const simple = where.on === 'test' && where.operator === 'eq' && where.path.rest === undefined;
  if (!simple || where.path.name !== codes[0] || rest.name !== codes[1] || rest.rest) {
    const takes = `${name}[${codes[0]} eq …].${codes[1]}`;
    return refuse('not-supported', name, `In a composite, _filter takes ${takes}.`);
  }
  const ordered = prefixOf(compared.operator);
  if (ordered === undefined) return unfit(test, compared.operator);
  const second = budget.registry.parametersOf(type).get(codes[1] ?? '');
  const hasPrefix = second && orderedKinds.has(second.kind);
  if (!hasPrefix && ordered !== 'eq') return unfit(test, compared.operator);
  const text = `${where.value}$${hasPrefix ? ordered : ''}${compared.value}`;
  return clauseOf(test, [text]);
}

const orderedKinds = new Set(['date', 'birth-date', 'number', 'quantity']);
const prefixes = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

function prefixOf(operator: string): string | undefined {
  return prefixes.has(operator) ? operator : undefined;
}

function unfit({ name, parameter }: Test, operator: string): never {
  const known = /^(?:eq|ne|co|sw|ew|gt|lt|ge|le|ap|sa|eb|pr|po|ss|sb|in|re)$/.test(operator);
  const text = known
    ? `_filter can not compare ${name}, a ${parameter.kind} parameter, with ${operator}.`
    : '_filter takes eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in re.';
  return refuse('invalid', name, text);
}

function compare(test: Test, { operator, value }: Compared): Clause {
  const { type, name, parameter, budget } = test;
  const { kind } = parameter;
  const registry = budget.registry;
  if (operator === 'pr') {
    return missingClause(
      { type, name, registry },
      parameter,
      value === 'true' ? 'false' : present(value),
    );
  }
  if (parameter.code === '_id' || parameter.code === '_lastUpdated') {
    return ofStore(test, operator, value, budget);
  }
  const at = { co: 'anywhere', sw: 'start', ew: 'end' } as const;
  switch (operator) {
    case 'eq':
      return kind === 'string'
        ? substringClause(test, [textOf(name, value)], 'whole')
        : clauseOf(test, [orderedKinds.has(kind) ? `eq${value}` : value]);
    case 'ne':
      return unequal(test, value);
    case 'co':
    case 'sw':
    case 'ew':
      return substring(test, value, at[operator]);
    case 'po':
      return kind === 'date' || kind === 'birth-date'
        ? overlaps(test, value)
        : unfit(test, operator);
    case 're':
      return kind === 'reference' ? clauseOf(test, [value]) : unfit(test, operator);
    case 'ss':
    case 'sb':
    case 'in':
      return kind === 'token' ? coded(test, operator, value) : unfit(test, operator);
    default: {
      const prefix = prefixOf(operator);
      if (prefix === undefined || !orderedKinds.has(kind)) return unfit(test, operator);
      return clauseOf(test, [`${prefix}${value}`]);
    }
  }
}

/** `pr false` is `:missing=true`; anything but true and false is refused there. */
function present(value: string): string {
  return value === 'false' ? 'true' : 'neither';
}

function textOf(name: string, value: string): string {
  const normal = normalizeString(value);
  return normal === '' ? refuse('value', name, `${name} takes letters or digits.`) : normal;
}

/** The id and the last update, which the store keeps beside the resource. */
function ofStore({ type, name, parameter }: Test, operator: string, value: string, budget: Budget) {
  const { code } = parameter;
  if (code === '_id' && (operator === 'eq' || operator === 'ne')) {
    return parsePlain(type, operator === 'ne' ? '_id:not' : '_id', value, budget);
  }
  if (code === '_lastUpdated' && operator === 'po') {
    return parsePlain(type, code, `eq${value}`, budget);
  }
  if (code === '_lastUpdated' && prefixOf(operator) !== undefined) {
    return parsePlain(type, code, `${operator}${value}`, budget);
  }
  return refuse('invalid', name, `_filter can not compare ${code} with ${operator}.`);
}

/** "An item in the set has an unequal value": not the same as none being equal. */
function unequal(test: Test, value: string): Clause {
  const { name, parameter } = test;
  if (orderedKinds.has(parameter.kind)) return clauseOf(test, [`ne${value}`]);
  if (parameter.kind === 'composite' || parameter.kind === 'special') return unfit(test, 'ne');
  const than = compare(test, { operator: 'eq', value });
  return { on: 'unequal', name, params: [...parameter.covers], than };
}

function substring(test: Test, value: string, at: 'anywhere' | 'start' | 'end'): Clause {
  const { name, parameter } = test;
  const { kind } = parameter;
  if (kind === 'string') return substringClause(test, [textOf(name, value)], at);
  if (kind !== 'uri' && kind !== 'token') {
    return unfit(test, { anywhere: 'co', start: 'sw', end: 'ew' }[at]);
  }
  const values = [{ text: value, at, trigrams: [] }];
  return { on: 'substring', name, params: [...parameter.covers], kind, values };
}

/** Begins before its end and ends after its beginning. */
function overlaps(test: Test, value: string): Clause {
  const clauses = [clauseOf(test, [`ge${value}`]), clauseOf(test, [`le${value}`])];
  return { on: 'and', name: test.name, clauses };
}

/** The value subsumes one (`ss`), is subsumed by one (`sb`), or names a set with one (`in`). */
function coded(test: Test, operator: 'ss' | 'sb' | 'in', value: string): Clause {
  const { name, parameter, budget } = test;
  const params = [...parameter.covers];
  if (operator === 'in') {
    const values = [valueSetTest(name, value, budget.own)];
    return { on: 'value-set', name, params, not: false, values };
  }
  const direction = operator === 'ss' ? 'below' : 'above';
  return { on: 'subsumption', name, params, direction, values: [codedTest(test, value)] };
}
