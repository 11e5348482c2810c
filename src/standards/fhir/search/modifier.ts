import { type SearchParameter, searchParameters } from './parameter.ts';
import type { SearchKind } from './search-query.ts';
import { refuse } from './search-refused.ts';

/** Beside `:missing`, which every kind has. `[type]` stands for a resource type's name. */
const modifiers: Partial<Record<SearchKind, readonly string[]>> = {
  token: ['not', 'of-type', 'text', 'in', 'not-in', 'above', 'below'],
  string: ['exact', 'contains', 'text'],
  uri: ['not', 'above', 'below'],
  reference: ['not', 'identifier', 'text', 'above', 'below', '[type]'],
};

/** What follows the colon of a parameter's name. `type`: `subject:Patient`. */
export type Modifier = { modifier: string; type?: string };

/**
 * Checks that the parameter has the modifier (R4 search.html#modifiers: an unknown one SHALL be
 * refused).
 */
export function modifierOf(name: string, parameter: SearchParameter): Modifier {
  const colon = name.indexOf(':');
  const modifier = colon < 0 ? '' : name.slice(colon + 1);
  if (colon < 0) return { modifier: '' };
  const { kind, code } = parameter;
  const allowed = modifiersOf(parameter);
  if (allowed.includes(modifier) && modifier !== '[type]') return { modifier };
  if (kind === 'reference' && searchParameters(modifier).size > 0) {
    if (parameter.targets.includes(modifier)) return { modifier: '[type]', type: modifier };
    return refuse('value', name, `${code} can not point to that type.`);
  }
  const supported = allowed.map((one) => `:${one}`).join(' ');
  const unknown = `The modifier is unknown for ${code}, a ${kind} parameter`;
  return refuse('invalid', name, `${unknown}; supported: ${supported}.`);
}

/** All a parameter has; `[type]` stands for the types it may point to. */
export function modifiersOf({ kind, code }: SearchParameter): readonly string[] {
  return code === '_id' ? ['missing', 'not'] : ['missing', ...(modifiers[kind] ?? [])];
}
