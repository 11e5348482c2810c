import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { requireStructure } from '../body.ts';
import { Breath } from '../breath.ts';
import { type Applied, selfOf } from '../change.ts';
import type { Apply } from '../commit.ts';
import { writtenJson } from '../interaction.ts';
import { definitionsNow } from '../patch/definitions-now.ts';
import { patchTargets } from '../patch/patch-target.ts';
import type { Preference } from '../prefer.ts';
import type { Resource } from '../prepare.ts';
import { recordKinds } from '../problems.ts';
import type { Store } from '../store.ts';
import { type Frame, transact, type Within } from '../transact.ts';
import { requireProfiles } from '../validate/require-profile.ts';
import { requireDistinct } from './distinct.ts';
import { type Entry, inEntry, isRead } from './entry.ts';
import { criteriaOf, matches } from './match.ts';
import { type Answered, answerOf, answerRead, deletedAnswer, unchangedAnswer } from './response.ts';
import { type Step, stepsOf, targetsOf } from './step.ts';

export type Asked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly preference: Preference;
  readonly frame?: Frame<Answered[]> | undefined;
};

/**
 * FHIR R4 http.html#transaction: all or nothing. Deletes, creates, updates and patches are applied
 * at once, each record at most one time, so that the order of entries does not matter; reads see
 * the result. Takes the entries over: the array may be empty afterwards.
 */
export async function runTransaction(asked: Asked, entries: Entry[]): Promise<Answered[]> {
  const unknownProfiles = await checkAll(asked, entries);
  const { all, linked } = await criteriaOf(entries);
  const { store } = asked;
  const { tenant } = asked.caller.principal;
  const patching = entries.some(({ method }) => method === 'PATCH');
  const work = { store, tenant, unknownProfiles };
  if (all.size === 0 && !patching) {
    const targets = targetsOf(entries, new Map());
    const steps = await stepsOf(work, targets, { found: new Map(), linked });
    // What was read is prepared now: a large Bundle is not kept in memory as both.
    targets.length = 0;
    entries.length = 0;
    return transact(asked, (within, apply) => perform({ ...asked, ...within }, apply, steps));
  }
  const unlinked = copies(entries);
  const definitions = patching ? await definitionsNow(store, tenant) : store;
  return transact(asked, async (within, apply) => {
    const found = await matches(within, all);
    const targets = targetsOf(unlinked(), found);
    const patched = await patchTargets(within, targets, definitions);
    const steps = await stepsOf({ ...work, patched }, targets, { found, linked });
    return perform({ ...asked, ...within }, apply, steps);
  });
}

/** What is told of their profiles, by entry. */
async function checkAll(
  { store, caller }: Asked,
  entries: readonly Entry[],
): Promise<Map<number, readonly string[]>> {
  const unknownProfiles = new Map<number, readonly string[]>();
  const breath = new Breath();
  for (const entry of entries) {
    checkEntry(entry);
    if (entry.resource !== undefined && (entry.method === 'POST' || entry.method === 'PUT')) {
      const { tenant } = caller.principal;
      const unknown = await requireProfiles(store, tenant, entry.resource).catch(
        (error: unknown) => {
          throw inEntry(error, entry.index);
        },
      );
      if (unknown.length > 0) unknownProfiles.set(entry.index, unknown);
    }
    if (breath.due()) await breath.take();
  }
  return unknownProfiles;
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
  if (entry.resource === undefined || isRead(entry)) return;
  try {
    requireStructure(entry.resource);
    if (entry.method === 'PUT' && entry.id !== undefined && entry.resource.id !== entry.id) {
      refuse(recordKinds.mismatch, 'The id in the resource must be the id in the url.');
    }
  } catch (error) {
    throw inEntry(error, entry.index);
  }
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
  const outcomes = new Map(changing.map((step, at) => [step.entry.index, at]));
  const answers: Answered[] = [];
  const breath = new Breath();
  for (const step of all) {
    if (breath.due()) await breath.take();
    const result = applied[outcomes.get(step.entry.index) ?? -1];
    if ('existing' in step) answers.push(unchangedAnswer(asked, step.entry, step.existing));
    else if (result !== undefined && 'change' in step) answers.push(changed(asked, step, result));
    else answers.push(await answerRead(asked, step.entry));
  }
  return answers;
}

function changed(asked: Asked, step: Extract<Step, { change: unknown }>, applied: Applied) {
  const { change, prepared } = step;
  if (change.deed === 'delete') return deletedAnswer(asked, applied);
  const shown = asked.preference.return === 'representation' || asked.preference.validateOnly;
  const json = shown && prepared !== undefined ? writtenJson(prepared, applied) : undefined;
  return answerOf(asked, applied, json, prepared?.unknownProfiles);
}
