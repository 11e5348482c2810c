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
 * entry carries would dangle for ever: it is refused.
 */
export function relink(entry: Entry, names: Names): void {
  const { resource } = entry;
  if (resource === undefined) return;
  eachReference(resource, (reference, place) => {
    const text = reference.reference;
    if (text === undefined) return;
    const bare = text.split('#', 1)[0] ?? text;
    const name = names.get(bare) ?? names.get(text);
    if (name !== undefined) reference.reference = name;
    else if (text.startsWith('urn:uuid:') || text.startsWith('urn:oid:')) dangling(entry, place());
  });
  eachUri(resource, (uri) => names.get(uri));
}

function dangling(entry: Entry, place: string): never {
  const expression = `Bundle.entry[${entry.index}].resource.${place.replace(/^[A-Za-z]+\./, '')}`;
  const text = 'The reference names a urn that no entry of the Bundle has as its fullUrl.';
  return refuse(recordKinds.transaction, text, {
    issues: [issueAt(expression, 'not-found', text)],
  });
}
