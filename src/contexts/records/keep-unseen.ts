import type { SubjectKey } from '#phi';
import { parseResourceJson } from '../../standards/fhir/json.ts';
import { type Group, groupOf } from '../../standards/fhir/sensitivity.ts';
import type { Prepared, Resource } from './prepare.ts';
import { openResource } from './render.ts';
import type { Stored } from './stored.ts';

/**
 * An update by somebody who sees only part of a record: what they do not see stays as it was.
 * Returns the whole resource, or undefined when the record has nothing of the unseen groups.
 */
export function withUnseen(
  prepared: Prepared,
  unseen: readonly Group[],
  key: SubjectKey,
  current: Stored,
): (Resource & { id: string }) | undefined {
  const old = openResource(key, current);
  const hidden = Object.entries(old).filter(
    ([name]) =>
      !['resourceType', 'id', 'meta'].includes(name) &&
      unseen.includes(groupOf(prepared.type, name)),
  );
  if (hidden.length === 0) return undefined;
  const meta = prepared.meta === undefined ? '' : `"meta":{${prepared.meta}},`;
  const parts = [...prepared.parts.values()].filter((text) => text !== '').join(',');
  const seen = parseResourceJson(`{${meta}"id":"${prepared.id}"${parts && ','}${parts}}`);
  return {
    ...seen,
    ...Object.fromEntries(hidden),
    resourceType: prepared.type,
    id: prepared.id,
  };
}
