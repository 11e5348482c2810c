import { loggedOf } from '#audit';
import { refuse } from '../../../platform/problem.ts';
import { matchesClause } from '../../../standards/fhir/search/matches-clause.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { openCursor, sealCursor } from '../cursor.ts';
import { recordKinds } from '../problems.ts';
import { answerSearch, type Pairs, type Search, understood } from '../search/answer.ts';
import { shaped } from '../search/shape.ts';
import { isSelfContained } from '../self-contained.ts';
import { logFilter } from './logged-filter.ts';
import { type LoggedRecord, type LoggedType, tellerFor } from './logged-record.ts';

/** Events looked at for one page. */
const MOST = 10_000;
const BLOCK = 500;
const PAGE = 20;

type State = { readonly logged: LoggedType; readonly pairs: Pairs; readonly after: string };
type LoggedSearch = Search & { readonly type: LoggedType };
type Bundle = { total?: number; link: { relation: string; url: string }[]; entry?: object[] };

/**
 * AuditEvents and Provenances that were stored, as any other search has them, and after the last of
 * them those of the server's own log, newest first.
 */
export async function searchLogged(asking: LoggedSearch): Promise<Buffer> {
  const state = await stateOf(asking);
  if (state !== undefined) return bundleOf(asking, state, undefined);
  const stored = await answerSearch(asking);
  const bundle: Bundle = JSON.parse(stored.toString());
  const goesOn = bundle.link.some(({ relation }) => relation === 'next');
  const ours = asking.pairs.some(([name]) => name === '_cursor');
  // The last page of stored ones by a cursor of theirs: what was asked stands in its self link.
  const pairs = ours ? selfPairs(bundle) : asking.pairs;
  if (goesOn || !tells(asking)) return stored;
  const query = await understood({ ...asking, pairs }, pairs);
  if (!isTellable(query)) return Buffer.from(JSON.stringify(withoutLog(bundle)));
  return bundleOf(asking, { logged: asking.type, pairs, after: '' }, bundle);
}

function tells({ store, caller, type }: LoggedSearch): boolean {
  return type === 'Provenance' || store.access.permits(caller.principal, 'audit.read');
}

function selfPairs({ link }: Bundle): Pairs {
  const self = link.find(({ relation }) => relation === 'self')?.url ?? '';
  return [...new URL(self).searchParams];
}

async function stateOf({ store, caller, pairs, type }: LoggedSearch): Promise<State | undefined> {
  const token = pairs.find(([name]) => name === '_cursor')?.[1];
  if (token === undefined) return undefined;
  const state = (await openCursor(store, caller, token)) as Partial<State>;
  if (state.logged === undefined) return undefined;
  if (state.logged === type && state.pairs !== undefined && state.after !== undefined) {
    return { logged: state.logged, pairs: state.pairs, after: state.after };
  }
  return refuse(recordKinds.cursor, 'The cursor belongs to another search.');
}

async function bundleOf(
  asking: LoggedSearch,
  state: State,
  stored: Bundle | undefined,
): Promise<Buffer> {
  const { store, caller, type } = asking;
  const query = await understood({ ...asking, pairs: state.pairs }, state.pairs);
  const before = stored?.entry?.length ?? 0;
  const counts = query.summary === 'count' || query.count === 0;
  const room = counts ? MOST : Math.max(0, (query.count ?? PAGE) - before);
  const { found, after, cut } = await scan(asking, query, { room, after: state.after });
  const names = [...new Set(query.used.map(([name]) => name))].slice(0, 30);
  const entry = { type: 'audit.query', action: 'R', outcome: 'success', caller } as const;
  await store.audit.release(caller.principal.tenant, [
    { ...entry, resourceType: type, note: { filters: names, returned: found.length } },
  ]);
  const next = after === undefined || counts ? undefined : { ...state, after };
  const said = new URLSearchParams(query.used);
  const self = { relation: 'self', url: `${store.baseUrl}/${type}?${said}` };
  const link = stored?.link ?? [self];
  const url = next && `${store.baseUrl}/${type}?_cursor=${await sealCursor(store, caller, next)}`;
  const known = stored?.total !== undefined && after === undefined;
  const body = {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(known ? { total: (stored.total ?? 0) + found.length } : {}),
    link: url === undefined ? link : [...link, { relation: 'next', url }],
    ...entriesOf(query, store.baseUrl, stored?.entry ?? [], counts ? [] : found, cut),
  };
  return Buffer.from(JSON.stringify(body));
}

function isTellable({ where, include, revinclude }: SearchQuery): boolean {
  return where.every(isSelfContained) && include.length === 0 && revinclude.length === 0;
}

function withoutLog(stored: Bundle): Bundle {
  const text =
    'Only stored ones are found: chains, _has, value sets and includes do not ask the server’s own log.';
  return { ...stored, entry: [...(stored.entry ?? []), outcomeEntry('information', [text])] };
}

type Scanned = { found: LoggedRecord[]; after: string | undefined; cut: boolean };

/** `after`: where the next page begins; undefined when the log has ended. */
async function scan(
  { store, caller, type }: LoggedSearch,
  query: SearchQuery,
  { room, after }: { room: number; after: string },
): Promise<Scanned> {
  const tell = await tellerFor(store, caller, type);
  const filter = logFilter(query.where);
  const found: LoggedRecord[] = [];
  let cursor = after;
  for (let looked = 0; looked < MOST; looked += BLOCK) {
    const page = { limit: BLOCK, ...(cursor === '' ? {} : { cursor }) };
    const { entries, next } = await store.audit.search(caller.principal.tenant, filter, page);
    for (const one of entries) {
      const logged = loggedOf(one);
      const record = tell(logged);
      const answers = record !== undefined && holds(record, query.where, store.baseUrl);
      if (answers && found.length === room) return { found, after: cursor, cut: false };
      if (answers) found.push(record);
      cursor = logged.id;
    }
    if (next === undefined) return { found, after: undefined, cut: false };
  }
  return { found, after: cursor, cut: true };
}

function holds(record: LoggedRecord, where: readonly Clause[], own: string): boolean {
  return where.every((clause) => matchesClause(record, clause, { own }));
}

function entriesOf(
  query: SearchQuery,
  baseUrl: string,
  stored: readonly object[],
  found: readonly LoggedRecord[],
  cut: boolean,
): { entry?: object[] } {
  const entry = [...stored];
  for (const record of found) {
    const { resourceType, id } = record;
    const json = shaped(query, {
      stored: { type: resourceType },
      json: Buffer.from(JSON.stringify(record)),
    });
    const resource = JSON.parse(json.toString()) as object;
    entry.push({
      fullUrl: `${baseUrl}/${resourceType}/${id}`,
      resource,
      search: { mode: 'match' },
    });
  }
  const told = [
    ...(cut ? [`${MOST} events were looked at for this page; its next link goes on.`] : []),
    ...(query.sort.length > 0
      ? ['The server’s own log follows what is stored, newest first.']
      : []),
  ];
  if (told.length > 0) {
    entry.push(outcomeEntry('warning', told));
  }
  return entry.length === 0 ? {} : { entry };
}

function outcomeEntry(severity: 'information' | 'warning', texts: readonly string[]): object {
  const issue = texts.map((text) => ({
    ...{ severity, code: 'informational', details: { text }, diagnostics: text },
  }));
  return {
    resource: { resourceType: 'OperationOutcome', issue },
    search: { mode: 'outcome' },
  };
}
