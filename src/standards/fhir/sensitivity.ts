import { typeSchema } from './definitions.ts';
import { type Group, groups, sensitivityTable } from './sensitivity-table.ts';

export { isSubsetted, joinGroups, metaText, type Version } from './resource-text.ts';
export { type Group, groups } from './sensitivity-table.ts';

type Resource = { resourceType: string } & Record<string, unknown>;

const groupByKey = new Map<string, ReadonlyMap<string, Group>>();

/** Each JSON property of a type, `_birthDate` and `deceasedBoolean` included, with its group. */
function groupsOfType(type: string): ReadonlyMap<string, Group> {
  const known = groupByKey.get(type);
  if (known) return known;
  const { rest = 'clinical', parts = {} } = sensitivityTable.get(type) ?? {};
  const named = new Map(
    groups.flatMap((group) => parts[group]?.map((name) => [name, group]) ?? []),
  );
  const byKey = new Map<string, Group>();
  for (const element of typeSchema(type)?.elements ?? []) {
    const group = named.get(element.choice ? `${element.name}[x]` : element.name) ?? rest;
    for (const { json } of element.types) byKey.set(json, group).set(`_${json}`, group);
  }
  groupByKey.set(type, byKey);
  return byKey;
}

/**
 * The sensitivity group of a resource's element, named as in JSON (`birthDate`, `_birthDate`,
 * `deceasedBoolean`). What R4 does not define is clinical, the safe side.
 */
export function groupOf(type: string, element: string): Group {
  return groupsOfType(type).get(element) ?? 'clinical';
}

/**
 * The resource's JSON text by group, without braces (`"name":[…],"birthDate":"…"`), in the order of
 * `groups`. Left out are resourceType, id and meta: see `metaText`. `joinGroups` is the way back.
 */
export function splitByGroup(resource: Resource): Map<Group, string> {
  const ofType = groupsOfType(resource.resourceType);
  const texts: Partial<Record<Group, string>> = {};
  for (const key in resource) {
    if (key === 'resourceType' || key === 'id' || key === 'meta') continue;
    const value = JSON.stringify(resource[key]);
    if (value === undefined) continue;
    const group = ofType.get(key) ?? 'clinical';
    const before = texts[group];
    const member = `${JSON.stringify(key)}:${value}`;
    texts[group] = before === undefined ? member : `${before},${member}`;
  }
  const split = new Map<Group, string>();
  for (const group of groups) {
    const text = texts[group];
    if (text !== undefined) split.set(group, text);
  }
  return split;
}
