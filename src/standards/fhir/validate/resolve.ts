import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { Walk } from './walk.ts';

/**
 * The resource a reference leads to, among those handed in: contained ones, and the entries of the
 * Bundle (R4 bundle.html#references: relative ones by the base of the entry's own fullUrl).
 */
export function resolved(walk: Walk, reference: string): JsonObject | undefined {
  if (reference.startsWith('#')) {
    const { root } = walk;
    if (reference === '#') return root;
    return root && containedById(walk, root).get(reference.slice(1));
  }
  const { bundle } = walk;
  if (bundle === undefined) return undefined;
  const found = bundle.byUrl(reference);
  if (found !== undefined || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference)) return found;
  const [type = '', id = ''] = reference.split('/', 3);
  return bundle.byUrl(bundle.baseOf(walk.root) + reference) ?? bundle.byTypeAndId(type, id);
}

function containedById(walk: Walk, root: JsonObject): Map<unknown, JsonObject> {
  if (walk.containedIn?.root === root) return walk.containedIn.byId;
  const contained: unknown[] = Array.isArray(root['contained']) ? root['contained'] : [];
  const byId = new Map(contained.filter(isJsonObject).map((one) => [one['id'], one]));
  walk.containedIn = { root, byId };
  return byId;
}
