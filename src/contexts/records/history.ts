import type { Transaction } from '../../platform/postgres/database.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { resourceTypes } from '../../standards/fhir/definitions.ts';
import { ownSubject, requireReach, requireRead } from './allow.ts';
import { selfName } from './blind-name.ts';
import { countsOf } from './count.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { HistoryParameters } from './history-parameter.ts';
import {
  type After,
  type Among,
  type HistoryRow,
  historyCount,
  historyPage,
  type Reached,
} from './history-rows.ts';
import { livingKeys } from './living-key.ts';
import { recordKinds } from './problems.ts';
import { readEntry } from './read.ts';
import { renderRecord } from './render.ts';
import type { Store } from './store.ts';
import { currentBySelf, type Stored, storedFrom } from './stored.ts';

export type HistoryAsked = HistoryParameters & {
  readonly store: Store;
  readonly caller: Caller;
  /** undefined: of all types. */
  readonly type?: string;
  /** undefined: of the whole type. */
  readonly id?: string;
};

export type HistoryEntry = {
  readonly stored: Stored;
  readonly created: boolean;
  readonly json: Buffer | undefined;
};

export type HistoryPage = {
  readonly entries: readonly HistoryEntry[];
  /** undefined: more than are counted. */
  readonly total: number | undefined;
  readonly next: string | undefined;
};

/** Versions counted one by one; a total beyond them is left out. */
const COUNTED = 20_000;

/**
 * FHIR R4 http.html#history: newest first, deletions included, paged by cursor; of all types those
 * in the caller's reach.
 */
export async function historyOf(asked: HistoryAsked): Promise<HistoryPage> {
  const { store, caller, type, id, count } = asked;
  const { tenant } = caller.principal;
  const reached = await reachOf(asked);
  const after = await afterOf(asked);
  const self =
    type === undefined || id === undefined
      ? undefined
      : selfName(await store.phi.hasher(tenant), type, id);
  const among: Among = { reached, self, since: asked.since, at: asked.at };
  const { rows, total } = await store.database.transaction(tenant, async (tx) => {
    if (self !== undefined) await requireKnown(asked, (await currentBySelf(tx, [self])).get(self));
    const [found, counted] = await Promise.all([
      count === 0 ? [] : tx.rows<HistoryRow>(historyPage(among, after, count + 1)),
      totalOf(tx, among),
    ]);
    return { rows: found, total: counted };
  });
  const page = rows.slice(0, count).map((row) => {
    const { created, ...stored } = row;
    return { created, stored: storedFrom(stored) };
  });
  const last = page.at(-1)?.stored;
  const more = rows.length > count && last !== undefined;
  return {
    entries: await show(asked, page),
    total,
    next: more ? await sealCursor(store, caller, nextState(asked, last)) : undefined,
  };
}

/** Throws AccessDenied for no type at all. */
async function reachOf({ store, caller, type }: HistoryAsked): Promise<Reached[]> {
  const own = (await ownSubject(store, caller)) ?? 0n;
  if (type !== undefined) {
    const { kind } = requireReach({ store, caller, action: 'history', type });
    return kind === 'own' && own === 0n ? [] : [{ type, own: kind === 'own' ? own : undefined }];
  }
  const { principal, purpose } = caller;
  const reached: Reached[] = [];
  for (const each of resourceTypes) {
    const { kind } = store.access.reach(principal, 'history', each, purpose);
    if (kind === 'all') reached.push({ type: each, own: undefined });
    else if (kind === 'own' && own !== 0n) reached.push({ type: each, own });
  }
  if (reached.length === 0) requireReach({ store, caller, action: 'history', type: 'Patient' });
  return reached;
}

async function requireKnown(asked: HistoryAsked, stored: Stored | undefined): Promise<void> {
  const { type = '', id = '' } = asked;
  if (stored === undefined) refuse(recordKinds.notFound, `${type}/${id} is not known.`);
  await requireRead({ ...asked, type, id, action: 'history' }, stored);
}

/** Of whole types the counts are kept by each write; of anything less they are counted. */
async function totalOf(tx: Transaction, among: Among): Promise<number | undefined> {
  const { reached, self, since, at } = among;
  const whole = self === undefined && since === undefined && at === undefined;
  if (whole && reached.every((one) => one.own === undefined)) {
    const counts = await countsOf(
      tx,
      reached.map((one) => one.type),
    );
    return [...counts.values()].reduce((sum, one) => sum + one.versions, 0);
  }
  const row = await tx.row<{ total: bigint }>(historyCount(among, COUNTED));
  const total = Number(row?.total ?? 0n);
  return total > COUNTED ? undefined : total;
}

function nameOf({ type, id }: HistoryAsked): string {
  return `${type ?? ''}/${id ?? ''}`;
}

async function afterOf(asked: HistoryAsked): Promise<After | undefined> {
  if (asked.cursor === undefined) return undefined;
  const state = (await openCursor(asked.store, asked.caller, asked.cursor)) as
    | { history?: string; after?: After }
    | undefined;
  if (state?.history !== nameOf(asked) || state.after === undefined) {
    return refuse(recordKinds.cursor, 'The cursor belongs to another history.');
  }
  return state.after;
}

function nextState(asked: HistoryAsked, last: Stored): { history: string; after: After } {
  const after = { at: last.updatedAt.toISOString(), row: String(last.row), version: last.version };
  return { history: nameOf(asked), after };
}

async function show(
  asked: HistoryAsked,
  page: readonly { stored: Stored; created: boolean }[],
): Promise<HistoryEntry[]> {
  const { store, caller } = asked;
  const { tenant } = caller.principal;
  const subjects = page.map(({ stored }) => stored.subject);
  const keyOf = await store.database.transaction(tenant, (tx) => livingKeys(store, tx, subjects));
  const audit = [];
  const entries: HistoryEntry[] = [];
  for (const { stored, created } of page) {
    const of = { ...asked, type: stored.type, id: stored.id, action: 'history' as const };
    const decision = await requireRead(of, stored);
    const key = keyOf(stored.subject);
    // A version of an erased patient stays in the list, without its content.
    const rendered =
      stored.deleted || key === undefined ? undefined : renderRecord(key, stored, decision.groups);
    entries.push({ stored, created, json: rendered?.json });
    const opened = rendered?.groups ?? [];
    audit.push(readEntry(caller, 'history', stored, opened, decision.because));
  }
  await store.audit.release(tenant, audit.length > 0 ? audit : [emptyEntry(asked)]);
  store.counted('history', audit.length);
  return entries;
}

function emptyEntry({ caller, type, id }: HistoryAsked) {
  return {
    type: 'record.history',
    action: 'R' as const,
    outcome: 'success' as const,
    caller,
    ...(type === undefined ? {} : { resourceType: type }),
    ...(id === undefined ? {} : { resourceId: id }),
    note: { shown: 0 },
  };
}
