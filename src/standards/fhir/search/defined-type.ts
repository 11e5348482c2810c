import { searchableTypes, searchParameters } from './parameter.ts';

/** Resources without a narrative (R4 resource.html). */
const bare = new Set(['Bundle', 'Binary', 'Parameters']);

/**
 * The concrete R4 resource types that `base` or `target` of a SearchParameter mean; undefined if
 * it is no list of such names.
 */
export function definedTypes(names: unknown): readonly string[] | undefined {
  if (!Array.isArray(names) || names.length === 0) return undefined;
  const found = new Set<string>();
  for (const name of names) {
    if (name === 'Resource' || name === 'DomainResource') {
      for (const type of searchableTypes()) {
        if (name === 'Resource' || !bare.has(type)) found.add(type);
      }
    } else if (typeof name === 'string' && searchParameters(name).size > 0) found.add(name);
    else return undefined;
  }
  return [...found];
}
