import type { JsonObject } from '../json-object.ts';
import { eachReference } from '../reference.ts';
import { asObject, resourceType, type Tell } from './bundle-entry.ts';

/** A document (R4 documents.html#bundle, bdl-9 to bdl-11): what its Composition names is in it. */
export function documentFaults(
  bundle: JsonObject,
  entries: readonly JsonObject[],
  tell: Tell,
): void {
  const { system, value } = asObject(bundle['identifier']);
  if (system === undefined || value === undefined) {
    tell('invariant', 'A document has an identifier with system and value (bdl-9).');
  }
  if (bundle['timestamp'] === undefined) {
    tell('invariant', 'A document has the date at which it was assembled (bdl-10).');
  }
  const [first] = entries;
  if (resourceType(first) !== 'Composition') {
    tell('invariant', 'The first resource of a document is its Composition (bdl-11).');
    return;
  }
  const found = new Entries(entries);
  const from = typeof first?.['fullUrl'] === 'string' ? first['fullUrl'] : '';
  for (const reference of named(asObject(first?.['resource']))) {
    const matches = found.matching(reference, from);
    if (matches === 0) tell('invalid', 'The Composition refers to what is not in the document.', 0);
    else if (matches > 1) tell('invalid', 'The Composition refers to more than one entry.', 0);
  }
}

/** References of the Composition that a document holds (R4 documents.html#content). */
function named(composition: JsonObject): string[] {
  const texts: string[] = [];
  const { subject, encounter, author, custodian, attester, event, section } = composition;
  eachReference(
    {
      resourceType: 'Composition',
      subject,
      encounter,
      author,
      custodian,
      attester,
      event,
      section,
    },
    ({ reference }) => {
      if (reference !== undefined && !reference.startsWith('#')) texts.push(reference);
    },
  );
  return texts;
}

/** The entries by what a reference may name them by (R4 bundle.html#references). */
class Entries {
  readonly #count = new Map<string, number>();

  constructor(entries: readonly JsonObject[]) {
    for (const { fullUrl, resource } of entries) {
      if (typeof fullUrl !== 'string') continue;
      const { versionId } = asObject(asObject(resource)['meta']);
      this.#add(fullUrl);
      if (typeof versionId === 'string') this.#add(`${fullUrl}/_history/${versionId}`);
    }
  }

  #add(key: string): void {
    this.#count.set(key, (this.#count.get(key) ?? 0) + 1);
  }

  matching(reference: string, from: string): number {
    if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference)) return this.#count.get(reference) ?? 0;
    const base = /^(https?:\/\/.*\/)[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.exec(
      from.slice(0, 2000),
    )?.[1];
    return this.#count.get((base ?? '') + reference) ?? 0;
  }
}
