import { presentUnder, type SearchParameter } from './parameter.ts';
import { rowsOf } from './parse-composite.ts';
import type { SearchRegistry } from './registry.ts';
import type { Clause } from './search-query.ts';
import { refuse } from './search-refused.ts';

type Missing = { type: string; name: string; registry: SearchRegistry };

/** `:missing=true|false`, R4 search.html#modifiers, of any parameter. */
export function missingClause(test: Missing, parameter: SearchParameter, value: string): Clause {
  const { name } = test;
  if (value !== 'true' && value !== 'false') {
    return refuse('value', name, `${name} takes true or false.`);
  }
  const present = presentClause(test, parameter);
  if (value === 'false') return present;
  if (present.on === 'missing') return { ...present, missing: true };
  return { on: 'not', name, clause: present };
}

function presentClause({ type, name, registry }: Missing, parameter: SearchParameter): Clause {
  // Every record has an id and a time of its last update.
  if (parameter.code === '_id' || parameter.code === '_lastUpdated') {
    return { on: 'and', name, clauses: [] };
  }
  if (parameter.kind === 'composite') return compositePresent({ type, name, registry }, parameter);
  if (parameter.kind === 'special') {
    const anywhere = { latitude: 0, longitude: 0, metres: Infinity };
    return { on: 'near', name, params: [parameter.code], values: [anywhere] };
  }
  const params = presentUnder(type, parameter);
  if (params.length > 0) return { on: 'missing', name, params, missing: false };
  return refuse('not-supported', name, `:missing is not supported for ${parameter.code}.`);
}

/** Its parts are all there in the resource, or in one element that repeats. */
function compositePresent({ type, name, registry }: Missing, parameter: SearchParameter): Clause {
  const clauses: Clause[] = [];
  const parameters = registry.parametersOf(type);
  const parts = (parameter.root ?? []).flatMap((code) => parameters.get(code) ?? []);
  if (parts.length > 0) {
    const present = parts.map((part) => presentClause({ type, name, registry }, part));
    clauses.push({ on: 'and', name, clauses: present });
  }
  const rows = rowsOf(parameter, parameters);
  if (rows) clauses.push({ on: 'missing', name, params: [rows.code], missing: false });
  const [only] = clauses;
  return clauses.length === 1 && only ? only : { on: 'or', name, clauses };
}
