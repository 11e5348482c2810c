import type { SubjectKey } from '#phi';
import { parseResourceJson } from '../../standards/fhir/json.ts';
import { type Group, groups, joinGroups } from '../../standards/fhir/sensitivity.ts';
import { openParts } from './envelope.ts';
import type { Resource } from './prepare.ts';
import type { Stored } from './stored.ts';

export type Rendered = {
  readonly json: Buffer;
  readonly groups: Group[];
  readonly withheld: Group[];
};

const everything: ReadonlySet<Group> = new Set(groups);
const LINE_FEED = 10;

/** The JSON of a stored version as this caller may see it: joined bytes, never parsed. */
export function renderRecord(
  key: SubjectKey,
  stored: Stored,
  visible: ReadonlySet<Group> = everything,
): Rendered {
  return joined(key, stored, visible, true);
}

/** `marked`: what is withheld is told in meta.tag. */
function joined(
  key: SubjectKey,
  stored: Stored,
  visible: ReadonlySet<Group>,
  marked: boolean,
): Rendered {
  const { opened, withheld } = openParts(key, stored, stored.sealed, visible);
  const fragments: Buffer[] = [];
  let meta: string | undefined;
  for (const bytes of opened.values()) {
    const at = bytes.indexOf(LINE_FEED);
    if (at > 0) meta = bytes.toString('utf8', 0, at);
    fragments.push(bytes.subarray(at + 1));
  }
  const version = {
    type: stored.type,
    id: stored.id,
    versionId: String(stored.version),
    lastUpdated: stored.updatedAt.toISOString(),
  };
  const json = joinGroups(version, meta, fragments, { subsetted: marked && withheld.length > 0 });
  return { json, groups: [...opened.keys()], withheld };
}

/** What of it a caller sees, parsed, without a mark that something is withheld. */
export function openVisible(
  key: SubjectKey,
  stored: Stored,
  visible: ReadonlySet<Group>,
): { resource: Resource & { id: string }; withheld: readonly Group[] } {
  const { json, withheld } = joined(key, stored, visible, false);
  return { resource: parseOwn(json), withheld };
}

/** All of it, parsed: for the store's own work, never for an answer. */
export function openResource(key: SubjectKey, stored: Stored): Resource & { id: string } {
  return parseOwn(renderRecord(key, stored).json);
}

/** Our own bytes: they were checked when they came in. */
function parseOwn(json: Buffer): Resource & { id: string } {
  return parseResourceJson(json, { maxDepth: 1000 }) as Resource & { id: string };
}
