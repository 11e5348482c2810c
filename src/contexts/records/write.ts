import type { AuditEntry } from '#audit';
import type { Hasher, SubjectKeys } from '#phi';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { groups } from '../../standards/fhir/sensitivity.ts';
import { allowWrite, unseenGroups } from './allow.ts';
import { inEntry } from './bundle/entry.ts';
import { type Applied, type Change, type Put, type Removal, selfOf } from './change.ts';
import { countChanges, insertCounts } from './count.ts';
import { sealParts } from './envelope.ts';
import { compareRows, emptyRows, type IndexRows } from './index-rows.ts';
import { withUnseen } from './keep-unseen.ts';
import { requirePrecondition } from './precondition.ts';
import { type Prepared, prepare, rowsOf, rowsOfPrepared } from './prepare.ts';
import { openResource } from './render.ts';
import { requireWhole } from './require-whole.ts';
import type { Store } from './store.ts';
import { lockAll, lockBySelf, methods, type Stored } from './stored.ts';
import { tellChanges } from './subscription/told-change.ts';
import { typeNumber } from './type-number.ts';
import {
  deleteIndexRows,
  insertIndexRows,
  insertRecords,
  type NewVersion,
  type RowsOf,
  replaceRecords,
} from './write-rows.ts';

type Place = { readonly store: Store; readonly tx: Transaction };
type Work = Place & { readonly now: Date };

/** Whose change it is. `own`: the caller's own patient compartment, as rows name it. */
export type Author = { readonly caller: Caller; readonly own: bigint | undefined };

export type Task = { readonly change: Change; readonly author: Author };

type Plan = {
  readonly made: NewVersion[];
  readonly replaced: NewVersion[];
  readonly come: RowsOf[];
  readonly gone: RowsOf[];
  readonly audit: AuditEntry[];
  readonly applied: Applied[];
};

/** Changes sealed and sent at once: about 30 ms of work, a few MB of statements. */
const BLOCK = 250;

export type Manner = {
  /** Nothing follows: COMMIT may travel with the rows. */
  readonly last: boolean;
  /** Told of a change that is refused, which is then left out; without it a refusal is thrown. */
  readonly refused?: (task: Task, error: unknown) => void;
};

/**
 * Applies changes of different records in one transaction: locks, decides, seals, writes, audits.
 * What became of each, in their order; undefined: it was refused, as `manner` was told. Throws a
 * Problem (nothing is written); a unique violation (23505) when another transaction made the same
 * record meanwhile.
 */
export async function applyChanges(
  work: Place,
  tasks: readonly Task[],
  manner: Manner,
): Promise<(Applied | undefined)[]> {
  if (tasks.length <= BLOCK) return applyBlock(work, tasks, manner);
  // In one order everywhere, as one statement locks them: two transactions never wait in a circle.
  const ordered = [...tasks.entries()].sort(([, a], [, b]) =>
    selfOf(a.change) < selfOf(b.change) ? -1 : 1,
  );
  await lockAll(work.tx, changedSelves(tasks));
  await makeKeys(work, tasks);
  const applied: (Applied | undefined)[] = new Array(tasks.length);
  for (let from = 0; from < ordered.length; from += BLOCK) {
    const block = ordered.slice(from, from + BLOCK);
    const last = manner.last && from + BLOCK >= ordered.length;
    const done = await applyBlock(
      work,
      block.map(([, task]) => task),
      { ...manner, last },
    );
    for (const [at, [index]] of block.entries()) applied[index] = done[at];
  }
  return applied;
}

/** Of all subjects, before any record is written: made block by block, they could cross. */
async function makeKeys({ store, tx }: Place, tasks: readonly Task[]): Promise<void> {
  const changes = tasks.map((task) => task.change);
  const subjects = subjectsOf(changes, new Map()).sort((a, b) => (a < b ? -1 : 1));
  for (let from = 0; from < subjects.length; from += BLOCK) {
    await store.phi.keys(tx, subjects.slice(from, from + BLOCK), 'make');
  }
}

async function applyBlock(
  place: Place,
  all: readonly Task[],
  { last, refused }: Manner,
): Promise<(Applied | undefined)[]> {
  const { store, tx } = place;
  const before = await lockBySelf(tx, changedSelves(all));
  const work = { ...place, now: momentAfter(store.now(), before) };
  const tasks = all.filter((task) => permitted(work, task, before, refused));
  const changes = tasks.map((task) => task.change);
  const keys = await store.phi.keys(tx, subjectsOf(changes, before), 'make');
  const fresh = changes.filter((change) => isNew(change, before)).length;
  const numbers = fresh === 0 ? [] : await store.rowNumbers.take(tx, fresh);
  const plan = await planOf(work, tasks, { before, keys, numbers });
  const audit = await store.audit.statements(tx, plan.audit);
  const counts = countChanges(changes, plan.applied);
  const send = () =>
    Promise.all([
      plan.made.length === 0 ? 0 : insertRecords(tx, plan.made, work.now),
      plan.replaced.length === 0 ? 0 : replaceRecords(tx, plan.replaced, work.now),
      deleteIndexRows(tx, plan.gone),
      insertIndexRows(tx, plan.come),
      counts.length === 0 ? 0 : insertCounts(tx, counts),
      tellChanges(work, tasks, [...plan.made, ...plan.replaced]),
      ...audit.map((statement) => tx.run(statement)),
    ]);
  await (last ? tx.last(send) : send());
  if (tasks.length === all.length) return plan.applied;
  const done = new Map(tasks.map((task, at) => [task, plan.applied[at]]));
  return all.map((task) => done.get(task));
}

/** Asked once the records are locked, or a version could be older than the one before it. */
function momentAfter(now: Date, before: ReadonlyMap<bigint, Stored>): Date {
  let latest = now;
  for (const { updatedAt } of before.values()) if (updatedAt > latest) latest = updatedAt;
  return latest;
}

function changedSelves(tasks: readonly Task[]): bigint[] {
  return tasks.flatMap(({ change }) => (change.deed === 'create' ? [] : [selfOf(change)]));
}

function permitted(
  work: Place,
  task: Task,
  before: ReadonlyMap<bigint, Stored>,
  refused: Manner['refused'],
): boolean {
  const { change, author } = task;
  const current = before.get(selfOf(change));
  try {
    allowWrite({ ...work, ...author }, change, current);
    requirePrecondition(change, current);
    requireWhole({ ...work, ...author }, change, current);
    return true;
  } catch (error) {
    if (refused === undefined) {
      throw change.entry === undefined ? error : inEntry(error, change.entry);
    }
    refused(task, error);
    return false;
  }
}

function isNew(change: Change, before: ReadonlyMap<bigint, Stored>): boolean {
  return change.deed !== 'delete' && !before.has(selfOf(change));
}

function subjectsOf(changes: readonly Change[], before: ReadonlyMap<bigint, Stored>): bigint[] {
  const subjects = new Set<bigint>();
  for (const change of changes) {
    if (change.deed !== 'delete') subjects.add(change.prepared.subject);
  }
  for (const stored of before.values()) subjects.add(stored.subject);
  return [...subjects];
}

type Known = {
  before: ReadonlyMap<bigint, Stored>;
  keys: SubjectKeys;
  numbers: readonly bigint[];
};

async function planOf(work: Work, tasks: readonly Task[], known: Known): Promise<Plan> {
  const hash = await work.store.phi.hasher(work.tx.tenant);
  const { baseUrl } = work.store;
  const { registry } = work.store.searchParameters.known(work.tx.tenant);
  const plan: Plan = { made: [], replaced: [], come: [], gone: [], audit: [], applied: [] };
  let fresh = 0;
  for (const { change, author } of tasks) {
    const current = known.before.get(selfOf(change));
    const old = current === undefined || current.deleted ? emptyRows() : oldRows(current);
    if (change.deed === 'delete') {
      planRemoval(work, plan, { change, author }, current);
      if (current !== undefined) plan.gone.push({ row: current.row, rows: old });
      continue;
    }
    const row = current?.row ?? known.numbers[fresh++];
    if (row === undefined) throw new Error('too few row numbers were taken');
    const prepared = completed({ ...work, ...author }, hash, known.keys, change, current);
    const version = (current?.version ?? 0) + 1;
    const place = { type: prepared.type, id: prepared.id, version };
    const key = known.keys.of(prepared.subject);
    (current === undefined ? plan.made : plan.replaced).push({
      ...{ row, self: prepared.self, subject: prepared.subject, present: prepared.present },
      ...{ version, type: typeNumber(prepared.type), method: methods[change.method] },
      ...{ deleted: false, id: prepared.id, sealed: sealParts(key, place, prepared.packed) },
    });
    const { gone, come } = compareRows(old, newRows(prepared));
    plan.gone.push({ row, rows: gone });
    plan.come.push({ row, rows: come });
    const created = current === undefined || current.deleted;
    const indexed = rowCount(prepared.rows);
    plan.applied.push({ ...place, updatedAt: work.now, created, indexed });
    plan.audit.push(putEntry(author, { ...change, prepared }, version, created));
  }
  // In one order everywhere, as they are locked: two transactions then never wait for each other.
  plan.made.sort((a, b) => (a.self < b.self ? -1 : 1));
  return plan;

  function oldRows(current: Stored) {
    const resource = openResource(known.keys.of(current.subject), current);
    return rowsOf(hash, resource, baseUrl, registry);
  }

  /** With those of the tenant's own search parameters, if it has any of that type. */
  function newRows(prepared: Prepared) {
    if (registry.storedOf(prepared.type).length === 0) return prepared.rows;
    return rowsOfPrepared(hash, prepared, { baseUrl, registry });
  }
}

function rowCount(rows: IndexRows): number {
  return Object.values(rows).reduce((sum, table) => sum + table.length, 0);
}

/** The change with what its writer does not see of the record kept. */
function completed(
  work: Work & Author,
  hash: Hasher,
  keys: SubjectKeys,
  change: Put,
  current: Stored | undefined,
): Prepared {
  if (current === undefined || current.deleted) return change.prepared;
  const unseen = unseenGroups(work, change);
  if (unseen.length === 0) return change.prepared;
  const whole = withUnseen(change.prepared, unseen, keys.of(current.subject), current);
  if (whole === undefined) return change.prepared;
  // Its patient stays the one the caller's own part names: that is whose key was fetched.
  const { subject, patientId } = change.prepared;
  return { ...prepare(hash, whole, work.store.baseUrl), subject, patientId };
}

function planRemoval(
  work: Work,
  plan: Plan,
  { change, author }: { change: Removal; author: Author },
  current: Stored | undefined,
): void {
  const live = current !== undefined && !current.deleted;
  const version = live ? current.version + 1 : undefined;
  const { type, id } = change;
  plan.applied.push({ type, id, version, updatedAt: work.now, created: false });
  plan.audit.push({
    ...auditOf(author, 'delete', type, id),
    ...(version === undefined ? { note: { deleted: 0 } } : { version }),
    ...(current === undefined ? {} : { subject: current.subject }),
    ...(current?.patientId === undefined ? {} : { patientId: current.patientId }),
  });
  if (!live || version === undefined) return;
  plan.replaced.push({
    ...{ row: current.row, self: current.self, subject: current.subject, present: 0n, version },
    ...{ type: typeNumber(type), method: methods.DELETE, deleted: true, id },
    sealed: Buffer.alloc(0),
  });
}

const actions = { create: 'C', update: 'U', patch: 'U', delete: 'D' } as const;

function auditOf(author: Author, deed: keyof typeof actions, type: string, id: string): AuditEntry {
  return {
    type: `record.${deed}`,
    action: actions[deed],
    outcome: 'success',
    caller: author.caller,
    resourceType: type,
    resourceId: id,
  };
}

function putEntry(author: Author, change: Put, version: number, created: boolean): AuditEntry {
  const { type, id, subject, patientId, parts } = change.prepared;
  const deed = change.deed === 'update' && created ? 'create' : change.deed;
  return {
    ...auditOf(author, deed, type, id),
    ...{ version, subject, groups: groups.filter((group) => parts.has(group)) },
    ...(patientId === undefined ? {} : { patientId }),
  };
}
