import { kinds, refuse } from '../../../platform/problem.ts';
import type { Resource } from '../prepare.ts';

/** A patch, read and bounded; `apply` makes a new resource of the one it is given. */
export type Patch = { readonly apply: (resource: Resource) => Resource };

/** A PATCH entry's resource: Parameters are a FHIRPath Patch, a Binary holds a JSON Patch. */
export function patchFrom(_resource: Resource | undefined): Patch {
  return refuse(kinds.mediaType, 'Not yet.');
}
