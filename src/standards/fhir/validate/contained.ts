import { resourceTypes } from '../definitions.ts';
import type { JsonObject } from '../json-object.ts';
import { definitional } from './definitional.ts';
import { isObject } from './fault.ts';
import type { Walk } from './walk.ts';

/** A resource inside of another (R4 references.html#contained, dom-2 to dom-5). */
export function contained(walk: Walk, value: JsonObject, depth: number): void {
  const { resource: above } = walk;
  const { resourceType: type, contained: more, id, meta } = value;
  if (more !== undefined) {
    const text = 'A contained resource cannot contain another: move it one level up (dom-2).';
    walk.error('invariant', depth, text);
  }
  if (typeof id !== 'string') {
    walk.error('required', depth, 'A contained resource has an id, so that it can be referenced.');
  }
  if (isObject(meta)) {
    if (meta['versionId'] !== undefined || meta['lastUpdated'] !== undefined) {
      const text = 'A contained resource has no meta.versionId or meta.lastUpdated (dom-4).';
      walk.error('invariant', depth, text);
    }
    if (meta['security'] !== undefined) {
      walk.error('invariant', depth, 'A contained resource has no security label (dom-5).');
    }
  }
  walk.containedAt = walk.index[depth] ?? -1;
  walk.resource = value;
  if (typeof type === 'string') {
    walk.types(type)?.check(value, depth);
    if (value['url'] !== undefined) definitional(walk, value, type, depth);
    walk.profiles?.resource(walk, value, type, depth);
  }
  walk.resource = above;
  walk.containedAt = -1;
}

/** All of a resource was seen: do its local references lead somewhere, and are all led to? */
export function endOfContainer(walk: Walk, depth: number): void {
  const { container } = walk;
  if (container === undefined) return;
  const { resource, local } = container;
  if (resource['text'] === undefined) {
    walk.warning(
      'invariant',
      depth,
      'A resource should have narrative for robust management (dom-6).',
    );
  }
  const list: unknown[] = Array.isArray(resource['contained']) ? resource['contained'] : [];
  if (list.length === 0 && local.length === 0) return;
  const byId = new Map<string, { type: string; at: number }>();
  for (const [at, one] of list.entries()) {
    if (!isObject(one)) continue;
    const { id, resourceType: type } = one;
    if (typeof id !== 'string' || typeof type !== 'string') continue;
    if (byId.has(id)) walk.error('duplicate', depth, 'Two contained resources have the same id.');
    else byId.set(id, { type, at });
  }
  const led = new Set<number>();
  for (const { id, expression, targets, must, inside } of local) {
    const found = byId.get(id);
    if (found !== undefined) {
      led.add(found.at);
      if (targets && resourceTypes.has(found.type) && !targets.has(found.type)) {
        const text = `Expected a reference to ${[...targets].join(', ')}.`;
        walk.tell('error', 'structure', expression, text);
      }
    } else if (id === '') led.add(inside);
    else if (must) {
      const text = 'A local reference leads to a contained resource of this id (ref-1).';
      walk.tell('error', 'invariant', expression, text);
    }
  }
  unreferenced(walk, list, { led, depth });
}

function unreferenced(
  walk: Walk,
  list: readonly unknown[],
  { led, depth }: { led: ReadonlySet<number>; depth: number },
): void {
  for (const [at, one] of list.entries()) {
    if (led.has(at) || !isObject(one) || typeof one['id'] !== 'string') continue;
    const text =
      'A contained resource is referenced by the resource it is in, or refers to it (dom-3).';
    walk.tell('error', 'invariant', `${walk.expression(depth)}.contained[${at}]`, text);
  }
}
