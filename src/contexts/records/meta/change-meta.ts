import { isJsonObject, type JsonObject } from '../../../standards/fhir/json-object.ts';
import type { Resource } from '../prepare.ts';

const lists = ['profile', 'security', 'tag'] as const;

/** R4 resource-operation-meta-add.html: what is there already stays as it is. */
export function withMeta(resource: Resource, given: JsonObject): Resource {
  return changed(resource, (list, name) => {
    const known = new Set(list.map(nameOf));
    return [...list, ...listOf(given, name).filter((one) => !known.has(nameOf(one)))];
  });
}

/** R4 resource-operation-meta-delete.html: what is not there is nothing to delete. */
export function withoutMeta(resource: Resource, given: JsonObject): Resource {
  return changed(resource, (list, name) => {
    const gone = new Set(listOf(given, name).map(nameOf));
    return list.filter((one) => !gone.has(nameOf(one)));
  });
}

type Name = (typeof lists)[number];

function changed(
  resource: Resource,
  change: (list: readonly unknown[], name: Name) => readonly unknown[],
): Resource {
  const meta: JsonObject = isJsonObject(resource['meta']) ? { ...resource['meta'] } : {};
  for (const name of lists) {
    const list = change(listOf(meta, name), name);
    if (list.length > 0) meta[name] = list;
    else delete meta[name];
  }
  const { meta: _, ...rest } = resource;
  return Object.keys(meta).length === 0 ? (rest as Resource) : { ...resource, meta };
}

function listOf(meta: JsonObject, name: Name): readonly unknown[] {
  const list = meta[name];
  return Array.isArray(list) ? list : [];
}

/** A label is its system and code; its display may be written otherwise. */
function nameOf(label: unknown): string {
  if (!isJsonObject(label)) return String(label);
  return JSON.stringify([label['system'] ?? '', label['code'] ?? '']);
}
