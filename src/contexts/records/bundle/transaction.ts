import { randomUUID } from 'node:crypto';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { selfName } from '../blind-name.ts';
import { requireStructure } from '../body.ts';
import { type Applied, type Change, selfOf } from '../change.ts';
import type { Apply } from '../commit.ts';
import type { Criteria, Match } from '../conditional.ts';
import { writtenJson } from '../interaction.ts';
import { type Prepared, prepare, type Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type Frame, transact, type Within } from '../transact.ts';
import { requireDistinct, requireOneEach } from './distinct.ts';
import { type Entry, inEntry, issueAt } from './entry.ts';
import { criteriaIn, type Names, relink } from './links.ts';
import { criteriaOf, type Matches, matches, nameOf, ownCriteria } from './match.ts';
import { type Answered, answerOf, answerRead, deletedAnswer, unchangedAnswer } from './response.ts';

export type Asked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly representation: boolean;
  readonly frame?: Frame<Answered[]> | undefined;
};

/** What an entry has become: a change, a record that was there already, or a read for later. */
type Step =
  | { entry: Entry; change: Change; resource: Resource | undefined; prepared?: Prepared }
  | { entry: Entry; existing: Match }
  | { entry: Entry; read: true };

/**
 * FHIR R4 http.html#transaction: all or nothing. Deletes, creates and updates are applied at once,
 * each record at most one time, so that the order of entries does not matter; reads see the result.
 */
export async function runTransaction(asked: Asked, entries: readonly Entry[]): Promise<Answered[]> {
  for (const entry of entries) checkEntry(entry);
  const conditional = criteriaOf(entries);
  const ready = conditional.size > 0 ? undefined : await steps(asked, entries, new Map());
  const unlinked = ready === undefined ? copies(entries) : () => entries;
  return transact(asked, async (within, apply) => {
    const found = await matches(within, conditional);
    const all = ready ?? (await steps(asked, unlinked(), found));
    return perform({ ...asked, ...within }, apply, all);
  });
}

/** The entries as they came, for each attempt: links are rewritten in place. */
function copies(entries: readonly Entry[]): () => readonly Entry[] {
  const texts = entries.map(({ resource }) => resource && JSON.stringify(resource));
  let attempt = 0;
  return () => {
    attempt += 1;
    if (attempt === 1) return entries;
    return entries.map((entry, index) => {
      const text = texts[index];
      return text === undefined ? entry : { ...entry, resource: resourceOf(text) };
    });
  };
}

/** Our own text of what was checked when it came in. */
function resourceOf(text: string): Resource {
  return parseResourceJson(text) as Resource;
}

/** All that can be said of an entry without looking at the store. Throws a Problem naming it. */
export function checkEntry(entry: Entry): void {
  if (entry.resource === undefined || entry.method === 'GET') return;
  try {
    requireStructure(entry.resource);
    if (entry.method === 'PUT' && entry.id !== undefined && entry.resource.id !== entry.id) {
      refuse(recordKinds.mismatch, 'The id in the resource must be the id in the url.');
    }
  } catch (error) {
    throw inEntry(error, entry.index);
  }
}

/** Names every entry, rewrites the links between them, and prepares what will be written. */
async function steps(asked: Asked, entries: readonly Entry[], found: Matches): Promise<Step[]> {
  requireOneEach(entries, found);
  const named = entries.map((entry) => ({ entry, ...target(entry, found) }));
  const names = namesOf(asked, named, entries, found);
  const hash = await asked.store.phi.hasher(asked.caller.principal.tenant);
  return named.map(({ entry, id, existing }): Step => {
    const { method, type, resource } = entry;
    if (method === 'GET') return { entry, read: true };
    const match = { entry: entry.index, ifMatch: entry.ifMatch };
    if (method === 'DELETE') {
      const self = selfName(hash, type, id);
      return { entry, change: { deed: 'delete', type, id, self, ...match }, resource };
    }
    if (method === 'POST' && existing !== undefined) return { entry, existing };
    if (resource === undefined) throw new Error('an entry without its resource');
    relink(entry, names);
    const prepared = prepare(hash, { ...resource, id }, asked.store.baseUrl);
    const deed = method === 'POST' ? 'create' : 'update';
    return { entry, change: { deed, method, prepared, ...match }, resource, prepared };
  });
}

function target(entry: Entry, found: Matches) {
  const criteria = ownCriteria(entry);
  const existing = criteria === undefined ? undefined : found.get(nameOf(criteria));
  // FHIR R4 http.html#cond-update: an id in the resource is the match's, or that of a new record.
  const given = entry.method === 'PUT' ? (entry.id ?? entry.resource?.id) : entry.id;
  if (existing !== undefined && given !== undefined && given !== existing.id) {
    const text = 'The criteria match a record that has another id than the resource.';
    const issues = [issueAt(`Bundle.entry[${entry.index}].resource.id`, 'invalid', text)];
    refuse(recordKinds.mismatch, text, { issues });
  }
  return { id: existing?.id ?? given ?? randomUUID(), existing };
}

type Named = { entry: Entry; id: string };

function namesOf(
  asked: Asked,
  named: readonly Named[],
  entries: readonly Entry[],
  found: Matches,
): Names {
  const names = new Map<string, string>();
  for (const { entry, id } of named) {
    if (entry.fullUrl !== undefined && entry.method !== 'GET') {
      names.set(entry.fullUrl, `${entry.type}/${id}`);
    }
  }
  for (const entry of entries) {
    if (entry.resource === undefined) continue;
    for (const criteria of criteriaIn(entry.resource)) {
      const match = found.get(nameOf(criteria));
      if (match === undefined) return unmatched(entry, criteria);
      names.set(nameOf(criteria), `${criteria.type}/${match.id}`);
      names.set(`${asked.store.baseUrl}/${nameOf(criteria)}`, `${criteria.type}/${match.id}`);
    }
  }
  return names;
}

function unmatched(entry: Entry, criteria: Criteria): never {
  const text = `A conditional reference matches no ${criteria.type}.`;
  const issues = [issueAt(`Bundle.entry[${entry.index}].resource`, 'not-found', text)];
  return refuse(recordKinds.preconditionFailed, text, { issues });
}

async function perform(
  asked: Asked & Within,
  apply: Apply,
  all: readonly Step[],
): Promise<Answered[]> {
  const changing = all.flatMap((step) => ('change' in step ? [step] : []));
  requireDistinct(changing.map(({ entry, change }) => ({ entry, self: selfOf(change) })));
  const reads = all.some((step) => 'read' in step);
  const changes = changing.map((one) => one.change);
  const applied = changes.length === 0 ? [] : await apply(changes, !reads);
  const outcomes = new Map(changing.map((step, at) => [step.entry.index, { step, at }]));
  const answers: Answered[] = [];
  for (const step of all) {
    const done = outcomes.get(step.entry.index);
    const result: Applied | undefined = done === undefined ? undefined : applied[done.at];
    if ('existing' in step) answers.push(unchangedAnswer(asked.store, step.entry, step.existing));
    else if (result !== undefined && 'change' in step) answers.push(changed(asked, step, result));
    else answers.push(await answerRead(asked, step.entry));
  }
  return answers;
}

function changed(asked: Asked, step: Extract<Step, { change: Change }>, applied: Applied) {
  const { change, resource, prepared } = step;
  if (change.deed === 'delete') return deletedAnswer(applied);
  const shown = asked.representation && resource !== undefined && prepared !== undefined;
  const json = shown ? writtenJson(resource, prepared, applied) : undefined;
  return answerOf(asked.store, applied, json);
}
