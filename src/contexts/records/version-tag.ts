import { kinds, refuse } from '../../platform/problem.ts';

/** RFC 9110 section 13.1: `*` is any version there is. */
export type VersionTags = '*' | readonly number[];

const tag = /^(?:W\/)?"?(\d{1,9})"?$/;
/** Of one header: who names more asks for something else. */
const MOST_TAGS = 100;

/** `W/"3"`, `"3"`, `3`, several of them, or `*` (FHIR R4 http.html#versioning). */
export function versionTags(text: string | undefined, where: string): VersionTags | undefined {
  if (text === undefined) return undefined;
  if (text.trim() === '*') return '*';
  const versions = text.split(',', MOST_TAGS + 1).map((one) => tag.exec(one.trim())?.[1]);
  if (versions.length <= MOST_TAGS && versions.every((one) => one !== undefined)) {
    return versions.map(Number);
  }
  return refuse(kinds.badRequest, `${where} is not a version tag such as W/"1".`);
}

/** A version's number in a path. */
export function versionNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** undefined: there is no live record, which no tag names. */
export function isTagged(tags: VersionTags, version: number | undefined): boolean {
  if (version === undefined) return false;
  return tags === '*' || tags.includes(version);
}
