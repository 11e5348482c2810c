import { refuse } from '../../../platform/problem.ts';
import type { Criteria } from '../conditional.ts';
import { recordKinds } from '../problems.ts';
import { type Entry, isRead, issueAt } from './entry.ts';
import type { Names } from './links.ts';
import { type Matches, nameOf, type Wanting } from './match.ts';

/** An entry with the id of its record. `version`: of the record, when it is known beforehand. */
export type Named = {
  readonly entry: Entry;
  readonly id: string;
  readonly version: number | undefined;
};

export type AllNames = { readonly names: Names; readonly versions: ReadonlyMap<string, number> };

/** What criteria found, and where they stand as references. */
export type Found = { readonly found: Matches; readonly linked: Wanting['linked'] };

/** What links in the Bundle may be called, and the names in the store they become. */
export function namesOf(
  baseUrl: string,
  named: readonly Named[],
  { found, linked }: Found,
): AllNames {
  const names = new Map<string, string>();
  const versions = new Map<string, number>();
  for (const { entry, id, version } of named) {
    if (isRead(entry)) continue;
    const name = `${entry.type}/${id}`;
    if (entry.fullUrl !== undefined) names.set(entry.fullUrl, name);
    if (version !== undefined) versions.set(name, version);
    const given = givenName(entry);
    if (given === undefined || names.has(given)) continue;
    names.set(given, name);
    names.set(`${baseUrl}/${given}`, name);
  }
  for (const { entry, criteria } of linked) {
    const match = found.get(nameOf(criteria));
    if (match === undefined) return unmatched(entry, criteria);
    names.set(nameOf(criteria), `${criteria.type}/${match.id}`);
    names.set(`${baseUrl}/${nameOf(criteria)}`, `${criteria.type}/${match.id}`);
  }
  return { names, versions };
}

/**
 * What a new record was called where it comes from: others in the Bundle may call it so. One that
 * is named by a urn is called by that alone.
 */
function givenName({ method, type, fullUrl, resource }: Entry): string | undefined {
  if (method !== 'POST' || typeof resource?.id !== 'string') return undefined;
  const name = `${type}/${resource.id}`;
  return fullUrl === undefined || fullUrl.endsWith(`/${name}`) ? name : undefined;
}

function unmatched(entry: Entry, criteria: Criteria): never {
  const text = `A conditional reference matches no ${criteria.type}.`;
  const issues = [issueAt(`Bundle.entry[${entry.index}].resource`, 'not-found', text)];
  return refuse(recordKinds.preconditionFailed, text, { issues });
}
