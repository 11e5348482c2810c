import { refuse } from '../../../platform/problem.ts';
import { eachReference, eachUri, parseReference } from '../../../standards/fhir/reference.ts';
import type { Criteria } from '../conditional.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import { type Entry, issueAt } from './entry.ts';

/** Full urls of the Bundle's entries and what they are called in the store (`Type/id`). */
export type Names = ReadonlyMap<string, string>;

/** Conditional references of a resource (FHIR R4 http.html#trules), as `Type?query`. */
export function criteriaIn(resource: Resource): Criteria[] {
  const found: Criteria[] = [];
  eachReference(resource, ({ reference }) => {
    if (reference?.includes('?') !== true) return;
    const parsed = parseReference(reference);
    if (parsed?.kind === 'conditional') found.push({ type: parsed.type, query: parsed.query });
  });
  return found;
}

/**
 * Rewrites every link to an entry or to a conditional reference's match, in place. A urn that no
 * entry carries would dangle for ever: it is refused. `versions`: of what a version-specific
 * reference names by a name that is only now given.
 */
export function relink(
  entry: Pick<Entry, 'index' | 'fullUrl' | 'resource'>,
  names: Names,
  versions: ReadonlyMap<string, number> = new Map(),
): void {
  const { resource } = entry;
  if (resource === undefined) return;
  const root = rootOf(entry.fullUrl);
  eachReference(resource, (reference, place) => {
    const text = reference.reference;
    if (text === undefined) return;
    const [bare = text] = text.split('#', 1);
    const [, whole = bare, version] = /^(.*)\/_history\/([^/]+)$/s.exec(bare) ?? [];
    const name = names.get(text) ?? names.get(whole) ?? names.get(root + whole);
    if (name !== undefined) {
      const kept = version === undefined ? '' : `/_history/${versions.get(name) ?? version}`;
      reference.reference = name + kept;
    } else if (text.startsWith('urn:uuid:') || text.startsWith('urn:oid:')) {
      dangling(entry.index, place());
    }
  });
  eachUri(resource, (uri) => names.get(uri));
}

/** FHIR R4 bundle.html#references: a relative reference is read beside its entry's own full url. */
function rootOf(fullUrl: string | undefined): string {
  return /^(https?:\/\/.*\/)[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(fullUrl ?? '')?.[1] ?? '';
}

function dangling(index: number, place: string): never {
  const expression = `Bundle.entry[${index}].resource.${place.replace(/^[A-Za-z]+\./, '')}`;
  const text = 'The reference names a urn that no entry of the Bundle has as its fullUrl.';
  return refuse(recordKinds.transaction, text, {
    issues: [issueAt(expression, 'not-found', text)],
  });
}
