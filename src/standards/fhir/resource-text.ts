import { parseResourceJson } from './json.ts';
import { isJsonObject } from './json-object.ts';

/**
 * What is known of a stored version without opening it. `lastUpdated`: an instant, as FHIR writes
 * it.
 */
export type Version = { type: string; id: string; versionId: string; lastUpdated: string };

const subsettedTag = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

/**
 * The text of a resource's meta without braces and without versionId and lastUpdated, which belong
 * to the stored version (`"profile":[…],"tag":[…]`), and without the tag of a subset, which says
 * how much was shown; undefined when nothing is left.
 */
export function metaText(resource: Record<string, unknown>): string | undefined {
  if (!isJsonObject(resource.meta)) return undefined;
  const { versionId, lastUpdated, ...rest } = resource.meta;
  if (isSubsetted(resource)) {
    const tag = tagsOf(resource).filter((one) => !isSubsettedTag(one));
    if (tag.length > 0) rest['tag'] = tag;
    else delete rest['tag'];
  }
  const text = JSON.stringify(rest).slice(1, -1);
  return text === '' ? undefined : text;
}

/** Says of itself that it is only a part (R4 search.html#summary). */
export function isSubsetted(resource: Record<string, unknown>): boolean {
  return tagsOf(resource).some(isSubsettedTag);
}

function tagsOf({ meta }: Record<string, unknown>): readonly unknown[] {
  return isJsonObject(meta) && Array.isArray(meta['tag']) ? meta['tag'] : [];
}

const isSubsettedTag = (tag: unknown) =>
  isJsonObject(tag) && tag['code'] === subsettedTag.code && tag['system'] === subsettedTag.system;

/**
 * The UTF-8 JSON of a whole resource, put together without parsing: the version's own facts, the
 * text of its meta and the texts of its groups as `splitByGroup` made them (strings, or the bytes
 * as they were opened). A group left out is simply absent; `subsetted` then says so in meta.tag (R4
 * search.html#subsetted).
 */
export function joinGroups(
  version: Version,
  meta: string | Buffer | undefined,
  fragments: readonly (string | Buffer)[],
  options: { subsetted?: boolean } = {},
): Buffer {
  const given = meta?.toString() ?? '';
  const kept = options.subsetted ? withSubsettedTag(given) : given;
  const { type, id, versionId, lastUpdated } = version;
  const pieces: Buffer[] = [
    Buffer.from(
      `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${versionId}"` +
        `,"lastUpdated":"${lastUpdated}"${kept === '' ? '' : `,${kept}`}}`,
    ),
  ];
  for (const fragment of fragments) {
    if (fragment.length === 0) continue;
    pieces.push(comma, typeof fragment === 'string' ? Buffer.from(fragment) : fragment);
  }
  pieces.push(closeBrace);
  return Buffer.concat(pieces);
}

const comma = Buffer.from(',');
const closeBrace = Buffer.from('}');

function withSubsettedTag(metaText: string): string {
  const meta = parseResourceJson(`{${metaText}}`);
  const tags: unknown[] = Array.isArray(meta.tag) ? meta.tag : [];
  const there = tags.some((tag) => isJsonObject(tag) && tag.code === subsettedTag.code);
  if (there) return metaText;
  return JSON.stringify({ ...meta, tag: [...tags, subsettedTag] }).slice(1, -1);
}
