import { resourceTypes } from '../definitions.ts';
import type { JsonObject } from '../json-object.ts';
import { BundleIndex } from './bundle-index.ts';
import { contained, endOfContainer } from './contained.ts';
import { definitional } from './definitional.ts';
import { isObject } from './fault.ts';
import type { Walk } from './walk.ts';

/**
 * Where a resource stands: the whole, contained in another, or in a Bundle's or Parameters' entry.
 */
export type Standing = 'top' | 'contained' | 'inside';

/** A resource of any type: its own type's check, then what holds for all resources. */
export function resource(walk: Walk, value: unknown, depth: number, standing: Standing): void {
  if (!isObject(value)) {
    walk.error('structure', depth, 'Expected a resource: a JSON object with a resourceType.');
    return;
  }
  const { resourceType } = value;
  if (typeof resourceType !== 'string' || !resourceTypes.has(resourceType)) {
    const text = 'resourceType: expected the name of an R4 resource type, such as Patient.';
    walk.error('structure', depth, text);
    return;
  }
  if (standing === 'contained') contained(walk, value, depth);
  else container(walk, value, resourceType, depth);
}

function container(walk: Walk, value: JsonObject, type: string, depth: number): void {
  const { container: outer, bundle, resource: above, root, containedAt } = walk;
  walk.container = { resource: value, type, depth, local: [] };
  walk.resource = value;
  walk.root = value;
  walk.containedAt = -1;
  if (type === 'Bundle') walk.bundle = new BundleIndex(value);
  walk.types(type)?.check(value, depth);
  if (type !== 'Bundle' && type !== 'Parameters' && type !== 'Binary') endOfContainer(walk, depth);
  if (value['url'] !== undefined) definitional(walk, value, type, depth);
  walk.profiles?.resource(walk, value, type, depth);
  walk.container = outer;
  walk.bundle = bundle;
  walk.resource = above;
  walk.root = root;
  walk.containedAt = containedAt;
}
