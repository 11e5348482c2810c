import { readFileSync } from 'node:fs';
import { searchParameters } from './search/parameter.ts';
import type { Clause } from './search/search-query.ts';

type CompartmentFile = { compartments: Record<string, Record<string, string[]>> };

let file: CompartmentFile | undefined;

/** 14 KB, read when the first compartment is searched. */
function membersOf(compartment: string): Record<string, string[]> | undefined {
  const url = new URL('../../generated/fhir-r4/compartment.json', import.meta.url);
  file ??= JSON.parse(readFileSync(url, 'utf8')) as CompartmentFile;
  const { compartments } = file;
  return Object.hasOwn(compartments, compartment) ? compartments[compartment] : undefined;
}

/**
 * The types whose resources may be in the compartment of a Patient, Encounter, Practitioner,
 * RelatedPerson or Device, itself first; undefined for a type that has no compartment
 * (compartmentdefinition.html).
 */
export function compartmentTypes(compartment: string): readonly string[] | undefined {
  const members = membersOf(compartment);
  if (members === undefined) return undefined;
  return [compartment, ...Object.keys(members).filter((type) => type !== compartment)];
}

/**
 * What a resource of `type` must fulfil to be in the compartment `compartment/id`: one of the
 * definition's reference parameters points there, or it is that resource itself. undefined where
 * the definition has no place for the type.
 */
export function inCompartment(compartment: string, id: string, type: string): Clause | undefined {
  const parameters = searchParameters(type);
  const params = (membersOf(compartment)?.[type] ?? [])
    .flatMap((code) => parameters.get(code) ?? [])
    .filter((one) => one.kind === 'reference' && one.targets.includes(compartment))
    .flatMap((one) => [...one.covers]);
  const clauses: Clause[] = [];
  const name = `${compartment} compartment`;
  if (params.length > 0) {
    const values = [{ id, types: [compartment] }];
    clauses.push({ on: 'reference', name, params: [...new Set(params)], not: false, values });
  }
  if (type === compartment) clauses.push({ on: 'id', not: false, ids: [id] });
  const [only, ...others] = clauses;
  return others.length === 0 ? only : { on: 'or', name, clauses };
}
