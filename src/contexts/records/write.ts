import type { AuditEntry } from '#audit';
import type { Hasher, SubjectKeys } from '#phi';
import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { groups } from '../../standards/fhir/sensitivity.ts';
import { allowWrite, unseenGroups } from './allow.ts';
import { inEntry } from './bundle/entry.ts';
import { type Applied, type Change, type Put, type Removal, selfOf } from './change.ts';
import { sealParts } from './envelope.ts';
import { compareRows, emptyRows } from './index-rows.ts';
import { withUnseen } from './keep-unseen.ts';
import { type Prepared, prepare, rowsOf } from './prepare.ts';
import { recordKinds } from './problems.ts';
import { openResource } from './render.ts';
import type { Store } from './store.ts';
import { lockBySelf, methods, type Stored } from './stored.ts';
import { typeNumber } from './type-number.ts';
import {
  deleteIndexRows,
  insertIndexRows,
  insertRecords,
  type NewVersion,
  type RowsOf,
  replaceRecords,
} from './write-rows.ts';

/** Another transaction made the same record meanwhile: begin again and see it. */
export class Overtaken extends Error {}

type Work = {
  readonly store: Store;
  readonly tx: Transaction;
  readonly caller: Caller;
  readonly now: Date;
  /** The caller's own patient compartment, as rows name it. */
  readonly own: bigint | undefined;
};

type Plan = {
  readonly made: NewVersion[];
  readonly replaced: NewVersion[];
  readonly come: RowsOf[];
  readonly gone: RowsOf[];
  readonly audit: AuditEntry[];
  readonly applied: Applied[];
};

/**
 * Applies changes of different records in one transaction: locks, decides, seals, writes, audits.
 * Throws a Problem (nothing is written) or Overtaken (call again in a new transaction).
 */
export async function applyChanges(work: Work, changes: readonly Change[]): Promise<Applied[]> {
  const { store, tx } = work;
  const known = changes.filter((change) => change.deed !== 'create').map(selfOf);
  const before = await lockBySelf(tx, known);
  for (const change of changes) {
    const current = before.get(selfOf(change));
    try {
      allowWrite(work, change, current);
      requireMatch(change, current);
    } catch (error) {
      throw change.entry === undefined ? error : inEntry(error, change.entry);
    }
  }
  const keys = await store.phi.keys(tx, subjectsOf(changes, before), 'make');
  const fresh = changes.filter((change) => isNew(change, before)).length;
  const numbers = fresh === 0 ? [] : await store.rowNumbers.take(tx, fresh);
  const plan = await planOf(work, changes, { before, keys, numbers });
  const [inserted] = await Promise.all([
    plan.made.length === 0 ? 0 : insertRecords(tx, plan.made, work.now),
    plan.replaced.length === 0 ? 0 : replaceRecords(tx, plan.replaced, work.now),
    deleteIndexRows(tx, plan.gone),
    insertIndexRows(tx, plan.come),
    store.audit.write(tx, plan.audit),
  ]);
  if (inserted !== plan.made.length) throw new Overtaken('a record was made meanwhile');
  return plan.applied;
}

function isNew(change: Change, before: ReadonlyMap<bigint, Stored>): boolean {
  return change.deed !== 'delete' && !before.has(selfOf(change));
}

function requireMatch(change: Change, current: Stored | undefined): void {
  if (change.ifMatch === undefined) return;
  if (current === undefined || current.deleted || current.version !== change.ifMatch) {
    // FHIR R4 http.html#concurrency: a stale If-Match is 412, not 409.
    const is = current === undefined || current.deleted ? 'absent' : `version ${current.version}`;
    refuse(
      recordKinds.versionConflict,
      `If-Match names version ${change.ifMatch}, but the record is ${is}: read it again.`,
    );
  }
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

async function planOf(work: Work, changes: readonly Change[], known: Known): Promise<Plan> {
  const hash = await work.store.phi.hasher(work.tx.tenant);
  const plan: Plan = { made: [], replaced: [], come: [], gone: [], audit: [], applied: [] };
  let fresh = 0;
  for (const change of changes) {
    const current = known.before.get(selfOf(change));
    const old = current === undefined || current.deleted ? emptyRows() : oldRows(current);
    if (change.deed === 'delete') {
      planRemoval(work, plan, change, current);
      if (current !== undefined) plan.gone.push({ row: current.row, rows: old });
      continue;
    }
    const row = current?.row ?? known.numbers[fresh++];
    if (row === undefined) throw new Error('too few row numbers were taken');
    const prepared = completed(work, hash, known.keys, change, current);
    const version = (current?.version ?? 0) + 1;
    const place = { type: prepared.type, id: prepared.id, version };
    const key = known.keys.of(prepared.subject);
    (current === undefined ? plan.made : plan.replaced).push({
      ...{ row, self: prepared.self, subject: prepared.subject, present: prepared.present },
      ...{ version, type: typeNumber(prepared.type), method: methods[change.method] },
      ...{ deleted: false, id: prepared.id, sealed: sealParts(key, place, prepared.packed) },
    });
    const { gone, come } = compareRows(old, prepared.rows);
    plan.gone.push({ row, rows: gone });
    plan.come.push({ row, rows: come });
    const created = current === undefined || current.deleted;
    plan.applied.push({ ...place, updatedAt: work.now, created });
    plan.audit.push(entry(work, { ...change, prepared }, version, created));
  }
  return plan;

  function oldRows(current: Stored) {
    const resource = openResource(known.keys.of(current.subject), current);
    return rowsOf(hash, resource, work.store.baseUrl);
  }
}

/** The change with what its writer does not see of the record kept. */
function completed(
  work: Work,
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

function planRemoval(work: Work, plan: Plan, change: Removal, current: Stored | undefined): void {
  const live = current !== undefined && !current.deleted;
  const version = live ? current.version + 1 : undefined;
  plan.applied.push({
    ...{ type: change.type, id: change.id, version, updatedAt: work.now, created: false },
  });
  plan.audit.push(entry(work, change, version, false));
  if (!live || version === undefined) return;
  plan.replaced.push({
    ...{ row: current.row, self: current.self, subject: current.subject, present: 0n, version },
    ...{ type: typeNumber(change.type), method: methods.DELETE, deleted: true },
    ...{ id: change.id, sealed: Buffer.alloc(0) },
  });
}

const actions = { create: 'C', update: 'U', patch: 'U', delete: 'D' } as const;

function entry(
  work: Work,
  change: Change,
  version: number | undefined,
  created: boolean,
): AuditEntry {
  const removal = change.deed === 'delete';
  const { type, id } = removal ? change : change.prepared;
  const deed = change.deed === 'update' && created ? 'create' : change.deed;
  return {
    type: `record.${deed}`,
    action: actions[deed],
    outcome: 'success',
    caller: work.caller,
    resourceType: type,
    resourceId: id,
    ...(version === undefined ? {} : { version }),
    ...(removal ? {} : { subject: change.prepared.subject, groups: groupsOf(change.prepared) }),
    ...(removal || change.prepared.patientId === undefined
      ? {}
      : { patientId: change.prepared.patientId }),
  };
}

function groupsOf(prepared: { parts: ReadonlyMap<string, unknown> }): string[] {
  return groups.filter((group) => prepared.parts.has(group));
}
