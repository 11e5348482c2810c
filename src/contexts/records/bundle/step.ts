import { randomUUID } from 'node:crypto';
import { refuse } from '../../../platform/problem.ts';
import { selfName } from '../blind-name.ts';
import { Breath } from '../breath.ts';
import type { Change } from '../change.ts';
import type { Match } from '../conditional.ts';
import { type Prepared, prepare, type Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { versionTags } from '../version-tag.ts';
import { requireOneEach } from './distinct.ts';
import { type Entry, issueAt } from './entry.ts';
import { relink } from './links.ts';
import { type Matches, nameOf, ownCriteria } from './match.ts';
import { type Found, type Named, namesOf } from './names.ts';

/** What an entry has become: a change, a record that was there already, or a read for later. */
export type Step =
  | { entry: Entry; change: Change; prepared?: Prepared }
  | { entry: Entry; existing: Match }
  | { entry: Entry; read: true };

/** An entry with its record: `existing` is what its criteria found. */
export type Target = Named & { readonly existing: Match | undefined };

export function targetsOf(entries: readonly Entry[], found: Matches): Target[] {
  requireOneEach(entries, found);
  const gone = new Set(entries.flatMap((entry) => deletedBy(entry, found)));
  return entries.map((entry) => target(entry, found, gone));
}

/** What a DELETE entry deletes, as `Type/id`. */
function deletedBy(entry: Entry, found: Matches): string[] {
  const { method, type, id = matchOf(entry, found)?.id } = entry;
  return method === 'DELETE' && id !== undefined ? [`${type}/${id}`] : [];
}

function matchOf(entry: Entry, found: Matches): Match | undefined {
  const criteria = ownCriteria(entry);
  return criteria === undefined ? undefined : found.get(nameOf(criteria));
}

function target(entry: Entry, found: Matches, gone: ReadonlySet<string>): Target {
  const match = matchOf(entry, found);
  // FHIR R4 http.html#trules: deletes go first, so a create does not find what one deletes.
  const lost = entry.method === 'POST' && gone.has(`${entry.type}/${match?.id}`);
  const existing = lost ? undefined : match;
  // FHIR R4 http.html#cond-update: an id in the resource is the match's, or that of a new record.
  const given = entry.method === 'PUT' ? (entry.id ?? entry.resource?.id) : entry.id;
  if (existing !== undefined && given !== undefined && given !== existing.id) {
    const text = 'The criteria match a record that has another id than the resource.';
    const issues = [issueAt(`Bundle.entry[${entry.index}].resource.id`, 'invalid', text)];
    refuse(recordKinds.mismatch, text, { issues });
  }
  const isNew = entry.method === 'POST' && existing === undefined;
  const version = isNew ? 1 : entry.method === 'POST' ? existing?.version : undefined;
  return { entry, id: existing?.id ?? given ?? randomUUID(), existing, version };
}

type Patched = { readonly resource: Resource; readonly unknownProfiles: readonly string[] };

type Asked = {
  readonly store: Store;
  readonly tenant: number;
  /** By entry: what the patches made of their records. */
  readonly patched?: ReadonlyMap<number, Patched>;
  /** By entry: profiles it claims and nobody here knows. */
  readonly unknownProfiles: ReadonlyMap<number, readonly string[]>;
};

/** Rewrites the links between the entries, in place, and prepares what will be written. */
export async function stepsOf(
  { store, tenant, patched, unknownProfiles }: Asked,
  targets: readonly Target[],
  found: Found,
): Promise<Step[]> {
  const { names, versions } = namesOf(store.baseUrl, targets, found);
  const hash = await store.phi.hasher(tenant);
  const breath = new Breath();
  const steps: Step[] = [];
  for (const { entry: whole, id, existing } of targets) {
    // A step keeps no resource: of a large Bundle they would be held twice.
    const entry = { ...whole, resource: undefined };
    if (breath.due()) await breath.take();
    const { method, type, index } = entry;
    if (method === 'GET' || method === 'HEAD') {
      steps.push({ entry, read: true });
      continue;
    }
    const match = { entry: index, ifMatch: entry.ifMatch, ifNoneMatch: noneMatch(entry) };
    if (method === 'DELETE') {
      const self = selfName(hash, type, id);
      steps.push({ entry, change: { deed: 'delete', type, id, self, ...match } });
      continue;
    }
    if (method === 'POST' && existing !== undefined) {
      steps.push({ entry, existing });
      continue;
    }
    const made = patched?.get(index);
    const resource = method === 'PATCH' ? made?.resource : whole.resource;
    if (resource === undefined) throw new Error('an entry without its resource');
    relink({ index, fullUrl: entry.fullUrl, resource }, names, versions);
    const unknown = made?.unknownProfiles ?? unknownProfiles.get(index) ?? [];
    const prepared = {
      ...prepare(hash, { ...resource, id }, store.baseUrl),
      ...(unknown.length === 0 ? {} : { unknownProfiles: unknown }),
    };
    // An id that criteria without a match came with must be free.
    const absent = method === 'PUT' && entry.query !== undefined && existing === undefined;
    const change = { deed: deeds[method], method, prepared, ...match, absent };
    steps.push({ entry, change, prepared });
  }
  return steps;
}

const deeds = { POST: 'create', PUT: 'update', PATCH: 'patch' } as const;

function noneMatch({ index, ifNoneMatch }: Entry) {
  return versionTags(ifNoneMatch, `Bundle.entry[${index}].request.ifNoneMatch`);
}
