import { type Sql, sql } from '../../platform/postgres/sql.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { ownSubject, requireReach, requireRead } from './allow.ts';
import { selfName } from './blind-name.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { livingKeys } from './living-key.ts';
import { recordKinds } from './problems.ts';
import { readEntry } from './read.ts';
import { renderRecord } from './render.ts';
import type { Store } from './store.ts';
import {
  currentBySelf,
  methodName,
  type Stored,
  type StoredRow,
  storedColumns,
  storedFrom,
  versionColumns,
} from './stored.ts';
import { typeNumber } from './type-number.ts';

export type HistoryAsked = {
  store: Store;
  caller: Caller;
  type: string;
  /** undefined: of the whole type. */
  id?: string;
  count: number;
  since?: Date;
  cursor?: string;
};

type After = { at: string; row: string; version: number };

export type HistoryPage = {
  readonly entries: readonly { readonly stored: Stored; readonly json: Buffer | undefined }[];
  readonly total: number | undefined;
  readonly next: string | undefined;
};

/** FHIR R4 http.html#history: newest first, deletions included, paged by cursor. */
export async function historyOf(asked: HistoryAsked): Promise<HistoryPage> {
  const { store, caller, type } = asked;
  const reach = requireReach({ ...asked, action: 'history' });
  const { tenant } = caller.principal;
  const after = await afterOf(asked);
  const self =
    asked.id === undefined ? undefined : selfName(await store.phi.hasher(tenant), type, asked.id);
  const own = reach.kind === 'own' ? ((await ownSubject(store, caller)) ?? 0n) : undefined;
  const of = self === undefined ? sql`r.type = ${typeNumber(type)}` : sql`r.self = ${self}`;
  const within: Within = { asked, of, own };
  const { rows, total } = await store.database.transaction(tenant, async (tx) => {
    if (self !== undefined) await requireKnown(asked, (await currentBySelf(tx, [self])).get(self));
    const [found, counted] = await Promise.all([
      tx.rows<StoredRow>(pageOf(within, after)),
      self === undefined ? undefined : tx.row<{ total: bigint }>(countOf(within)),
    ]);
    return { rows: found, total: counted?.total };
  });
  const page = rows.slice(0, asked.count).map(storedFrom);
  const last = page.at(-1);
  const more = rows.length > asked.count && last !== undefined;
  return {
    entries: await show(asked, page),
    total: total === undefined ? undefined : Number(total),
    next: more ? await sealCursor(store, caller, nextState(asked, last)) : undefined,
  };
}

async function requireKnown(asked: HistoryAsked, stored: Stored | undefined): Promise<void> {
  const id = asked.id ?? '';
  if (stored === undefined) refuse(recordKinds.notFound, `${asked.type}/${id} is not known.`);
  await requireRead({ ...asked, id, action: 'history' }, stored);
}

async function afterOf(asked: HistoryAsked): Promise<After | undefined> {
  if (asked.cursor === undefined) return undefined;
  const state = (await openCursor(asked.store, asked.caller, asked.cursor)) as
    | { history?: string; after?: After }
    | undefined;
  if (state?.history !== `${asked.type}/${asked.id ?? ''}` || state.after === undefined) {
    return refuse(recordKinds.cursor, 'The cursor belongs to another history.');
  }
  return state.after;
}

function nextState(asked: HistoryAsked, last: Stored): { history: string; after: After } {
  const after = { at: last.updatedAt.toISOString(), row: String(last.row), version: last.version };
  return { history: `${asked.type}/${asked.id ?? ''}`, after };
}

/** `own`: only versions that were this subject's when they were written. */
type Within = { asked: HistoryAsked; of: Sql; own: bigint | undefined };

function limits(table: 'r' | 'v', within: Within, after: After | undefined): Sql {
  const { asked, of, own } = within;
  const [at, version, subject] =
    table === 'r'
      ? [sql`r.updated_at`, sql`r.version`, sql`r.subject`]
      : [sql`v.updated_at`, sql`v.version`, sql`v.subject`];
  const mine = own === undefined ? sql`` : sql`and ${subject} = ${own} and ${subject} <> 0`;
  const since = asked.since === undefined ? sql`` : sql`and ${at} >= ${instant(asked.since)}`;
  const beyond =
    after === undefined
      ? sql``
      : sql`and (${at}, r.row, ${version}) <
          (${after.at}::timestamptz, ${after.row}::int8, ${after.version}::int4)`;
  return sql`${of} ${mine} ${since} ${beyond}`;
}

/** Not as text, which PostgreSQL writes otherwise before the year 1 and after 9999. */
function instant(at: Date): Sql {
  return sql`to_timestamp(${at.getTime()}::float8 / 1000)`;
}

const versions = sql`records.version v
  join records.resource r on r.type = v.type and r.row = v.row`;

function pageOf(within: Within, after: After | undefined): Sql {
  const fetch = within.asked.count + 1;
  return sql`
    (select ${storedColumns} from records.resource r where ${limits('r', within, after)}
      order by r.updated_at desc, r.row desc limit ${fetch})
    union all
    (select ${versionColumns} from ${versions} where ${limits('v', within, after)}
      order by v.updated_at desc, v.row desc, v.version desc limit ${fetch})
    order by updated_at desc, row desc, version desc limit ${fetch}`;
}

function countOf(within: Within): Sql {
  return sql`select
    (select count(*) from records.resource r where ${limits('r', within, undefined)})
    + (select count(*) from ${versions} where ${limits('v', within, undefined)}) as total`;
}

async function show(asked: HistoryAsked, page: readonly Stored[]) {
  const { store, caller } = asked;
  const { tenant } = caller.principal;
  const subjects = page.map((one) => one.subject);
  const keyOf = await store.database.transaction(tenant, (tx) => livingKeys(store, tx, subjects));
  const audit = [];
  const entries = [];
  for (const stored of page) {
    const decision = await requireRead({ ...asked, id: stored.id, action: 'history' }, stored);
    const key = keyOf(stored.subject);
    // A version of an erased patient stays in the list, without its content.
    const rendered =
      stored.deleted || key === undefined ? undefined : renderRecord(key, stored, decision.groups);
    entries.push({ stored, json: rendered?.json });
    const opened = rendered?.groups ?? [];
    audit.push(readEntry(caller, 'history', stored, opened, decision.because));
  }
  await store.audit.release(tenant, audit.length > 0 ? audit : [emptyEntry(asked)]);
  store.counted('history', audit.length);
  return entries;
}

function emptyEntry(asked: HistoryAsked) {
  return {
    type: 'record.history',
    action: 'R' as const,
    outcome: 'success' as const,
    caller: asked.caller,
    resourceType: asked.type,
    ...(asked.id === undefined ? {} : { resourceId: asked.id }),
    note: { shown: 0 },
  };
}

/** The request a history entry states: how that version came to be. */
export function requestOf(stored: Stored): { method: string; url: string } {
  const method = methodName(stored.method);
  const url = method === 'POST' ? stored.type : `${stored.type}/${stored.id}`;
  return { method, url };
}
