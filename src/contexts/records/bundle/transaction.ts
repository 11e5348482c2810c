import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../../platform/postgres/database.ts';
import type { Caller } from '../../../platform/principal.ts';
import { kinds, refuse } from '../../../platform/problem.ts';
import { guarded } from '../allow.ts';
import { selfName } from '../blind-name.ts';
import { requireId, requireStructure } from '../body.ts';
import { type Applied, type Change, selfOf } from '../change.ts';
import { type Apply, commit } from '../commit.ts';
import { type Criteria, lockCriteria, type Match, theOne } from '../conditional.ts';
import { writtenJson } from '../interaction.ts';
import { type Prepared, prepare, type Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type Entry, inEntry, issueAt } from './entry.ts';
import { criteriaIn, type Names, relink } from './links.ts';
import { type Answered, answerOf, answerRead, deletedAnswer, unchangedAnswer } from './response.ts';

type Asked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly representation: boolean;
  /** Goes before everything else in the same transaction; what it throws ends that. */
  readonly first?: (tx: Transaction) => Promise<void>;
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
export function runTransaction(asked: Asked, entries: readonly Entry[]): Promise<Answered[]> {
  const { store, caller } = asked;
  return guarded(store, caller, async () => {
    for (const entry of entries) checkEntry(entry);
    const conditional = criteriaOf(entries);
    const ready = conditional.length > 0 ? undefined : await steps(asked, entries, new Map());
    return commit(store, caller, async (tx, apply) => {
      await asked.first?.(tx);
      const found = await matches(asked, tx, conditional);
      const all = ready ?? (await steps(asked, entries, found));
      return perform(asked, tx, apply, all);
    });
  });
}

/** All that can be said of an entry without looking at the store. Throws a Problem naming it. */
export function checkEntry(entry: Entry): void {
  if (entry.resource === undefined || entry.method === 'GET') return;
  try {
    requireStructure(entry.resource);
    if (entry.method === 'PUT' && entry.query === undefined) {
      if (entry.id === undefined || entry.resource.id !== requireId(entry.id)) {
        refuse(recordKinds.mismatch, 'The id in the resource must be the id in the url.');
      }
    }
  } catch (error) {
    throw inEntry(error, entry.index);
  }
}

const nameOf = ({ type, query }: Criteria) => `${type}?${query}`;

/** Everything that must be looked up before the entries have their names. */
function criteriaOf(entries: readonly Entry[]): Criteria[] {
  const all = new Map<string, Criteria>();
  for (const entry of entries) {
    const own = ownCriteria(entry);
    const linked = entry.resource === undefined ? [] : criteriaIn(entry.resource);
    for (const one of own === undefined ? linked : [own, ...linked]) all.set(nameOf(one), one);
  }
  return [...all.values()];
}

function ownCriteria(entry: Entry): Criteria | undefined {
  const { method, type, query, ifNoneExist } = entry;
  if (method === 'POST' && ifNoneExist !== undefined) return { type, query: ifNoneExist };
  if ((method === 'PUT' || method === 'DELETE') && query !== undefined) return { type, query };
  return undefined;
}

type Matches = ReadonlyMap<string, Match | undefined>;

async function matches(asked: Asked, tx: Transaction, all: readonly Criteria[]): Promise<Matches> {
  const within = { ...asked, tx };
  await lockCriteria(within, all);
  const found = new Map<string, Match | undefined>();
  for (const one of all) found.set(nameOf(one), await theOne(within, one));
  return found;
}

/** Names every entry, rewrites the links between them, and prepares what will be written. */
async function steps(asked: Asked, entries: readonly Entry[], found: Matches): Promise<Step[]> {
  const named = entries.map((entry) => ({ entry, ...target(entry, found) }));
  const names = namesOf(asked, named, entries, found);
  const hash = await asked.store.phi.hasher(asked.caller.principal.tenant);
  return named.map(({ entry, id, existing }): Step => {
    const { method, type, resource } = entry;
    if (method === 'GET') return { entry, read: true };
    const match = entry.ifMatch === undefined ? {} : { ifMatch: entry.ifMatch };
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
  const id = existing?.id ?? entry.id ?? randomUUID();
  return { id, existing };
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
  asked: Asked,
  tx: Transaction,
  apply: Apply,
  all: readonly Step[],
): Promise<Answered[]> {
  const changing = all.flatMap((step) => ('change' in step ? [step] : []));
  requireDistinct(changing.map(({ entry, change }) => ({ entry, self: selfOf(change) })));
  const applied = changing.length === 0 ? [] : await apply(changing.map((one) => one.change));
  const outcomes = new Map(changing.map((step, at) => [step.entry.index, { step, at }]));
  const answers: Answered[] = [];
  for (const step of all) {
    const done = outcomes.get(step.entry.index);
    const result: Applied | undefined = done === undefined ? undefined : applied[done.at];
    if ('existing' in step) answers.push(unchangedAnswer(asked.store, step.entry, step.existing));
    else if (result !== undefined && 'change' in step) answers.push(changed(asked, step, result));
    else answers.push(await answerRead(asked, tx, step.entry));
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

/** FHIR R4 http.html#trules: "resource identities in steps 1-3 must not overlap". */
function requireDistinct(all: readonly { entry: Entry; self: bigint }[]): void {
  const seen = new Set<bigint>();
  for (const { entry, self } of all) {
    if (seen.has(self)) {
      const text = 'Two entries change the same record: a transaction may change each once.';
      const issues = [issueAt(`Bundle.entry[${entry.index}]`, 'duplicate', text)];
      refuse({ ...kinds.badRequest, code: 'TRANSACTION_REFUSED' }, text, { issues });
    }
    seen.add(self);
  }
}
