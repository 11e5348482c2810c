import { isDeepStrictEqual } from 'node:util';
import type { ElementDefinition } from '../../src/standards/fhir/snapshot/element-definition.ts';

/** How many elements a snapshot has, extra ones counted, and of how many another says the same. */
export function agreement(
  published: readonly ElementDefinition[],
  made: readonly ElementDefinition[],
): { elements: number; same: number } {
  const ours = new Map(made.map((element) => [element.id, element]));
  let same = 0;
  for (const element of published) {
    const mine = ours.get(element.id);
    ours.delete(element.id);
    if (mine !== undefined && isDeepStrictEqual(gist(element), gist(mine))) same += 1;
  }
  return { elements: published.length + ours.size, same };
}

/** What of an element decides whether a resource is valid. */
function gist(element: ElementDefinition): object {
  const { path, min, max, type = [], slicing, contentReference, maxLength } = element;
  const binding = element['binding'] as { strength?: string; valueSet?: string } | undefined;
  const settled = Object.entries(element).filter(([key]) => /^(?:fixed|pattern)/.test(key));
  return {
    ...{ path, min, max, maxLength, settled },
    type: type.map((one) => [codeOf(one.code), listed(one.profile), listed(one['targetProfile'])]),
    binding: binding && [binding.strength, binding.valueSet],
    slicing: slicing && [slicing['discriminator'], slicing['rules']],
    // Newer guides write the reference as a whole url.
    contentReference: contentReference?.replace(/^.*#/, ''),
    constraint: (element.constraint ?? []).map(({ key }) => key).sort(),
  };
}

/** The type of an id or url is a System type, written in several ways. */
function codeOf(code: string): string {
  return /^http|^(?:id|string|uri)$/.test(code) ? 'string' : code;
}

function listed(profiles: unknown): unknown[] {
  return Array.isArray(profiles) ? [...profiles].sort() : [];
}
