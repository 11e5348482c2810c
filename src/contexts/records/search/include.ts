import type { Hasher } from '#phi';
import { int4Array, int8Array } from '../../../platform/postgres/binary-array.ts';
import type { Transaction } from '../../../platform/postgres/database.ts';
import { fresh, join, type Sql, sql } from '../../../platform/postgres/sql.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { extractIndex } from '../../../standards/fhir/search/extract.ts';
import type { ReferenceValue } from '../../../standards/fhir/search/index-value.ts';
import { includable } from '../../../standards/fhir/search/parameter.ts';
import type { Include } from '../../../standards/fhir/search/search-query.ts';
import { referenceNumber, selfName } from '../blind-name.ts';
import { countsOf } from '../count.ts';
import { livingKeys } from '../living-key.ts';
import type { Resource } from '../prepare.ts';
import {
  currentBySelf,
  type Stored,
  type StoredRow,
  storedColumns,
  storedFrom,
} from '../stored.ts';
import { typeNumber } from '../type-number.ts';
import type { SearchAsked } from './page.ts';
import { scopeOf } from './reach.ts';
import type { Scope } from './scope.ts';
import { type Shown, showRecord } from './show.ts';
import { isVisible, requireVisible } from './visible.ts';

/** Records added to one page. Beyond it the page says so. */
const MOST = 1000;
/** Rounds of `:iterate`. */
const ROUNDS = 5;

export type Included = { readonly shown: Shown[]; readonly cut: boolean };

type Gathering = {
  readonly asked: SearchAsked;
  readonly tx: Transaction;
  readonly scope: Scope;
  readonly known: Set<bigint>;
  readonly added: Shown[];
  cut: boolean;
};

/** R4 search.html#include: what the page's records point to, and what points to them. */
export async function includedWith(
  asked: SearchAsked,
  tx: Transaction,
  matches: readonly Shown[],
): Promise<Included> {
  const { include, revinclude } = asked.query;
  if (include.length + revinclude.length === 0) return { shown: [], cut: false };
  const known = new Set(matches.map((one) => one.stored.self));
  const scope = await scopeOf(asked);
  const gathering: Gathering = { asked, tx, scope, known, added: [], cut: false };
  let round = [...matches];
  for (let turn = 0; turn < ROUNDS && round.length > 0; turn += 1) {
    const wanted = (one: Include) => turn === 0 || one.iterate;
    const forward = await pointedTo(gathering, round, include.filter(wanted));
    const backward = await pointingTo(gathering, round, revinclude.filter(wanted));
    round = await keep(gathering, [...forward, ...backward]);
    if (turn === ROUNDS - 1 && round.length > 0) gathering.cut = true;
  }
  return { shown: gathering.added, cut: gathering.cut };
}

async function pointedTo(
  gathering: Gathering,
  from: readonly Shown[],
  includes: readonly Include[],
): Promise<Stored[]> {
  if (includes.length === 0) return [];
  const { asked, tx, scope } = gathering;
  const targets = new Set<bigint>();
  for (const one of from) {
    const mine = includes.filter((include) => include.source === one.stored.type);
    if (mine.length === 0) continue;
    // Only what the caller sees of the record may lead on to another.
    const resource = parseResourceJson(one.json) as Resource;
    for (const value of extractIndex(resource, asked.store.baseUrl, scope.registry)) {
      if (value.kind !== 'reference' || value.url !== undefined) continue;
      if (!mine.some((include) => follows(include, value))) continue;
      targets.add(selfName(scope.hash, value.type, value.id));
    }
  }
  if (targets.size === 0) return [];
  if (targets.size > MOST) gathering.cut = true;
  const found = await currentBySelf(tx, [...targets].slice(0, MOST));
  return [...found.values()];
}

function follows(include: Include, value: ReferenceValue): boolean {
  const param = include.param === '*' || include.param === value.param;
  return param && (include.target === undefined || include.target === value.type);
}

async function pointingTo(
  gathering: Gathering,
  to: readonly Shown[],
  revincludes: readonly Include[],
): Promise<Stored[]> {
  const { tx } = gathering;
  const found: Stored[] = [];
  for (const { source, param, target } of revincludes) {
    const targets = to
      .filter((one) => target === undefined || target === one.stored.type)
      .map((one) => one.stored.self);
    if (targets.length === 0) continue;
    const sources = source === '*' ? await sourcesOf(gathering) : [source];
    const each = sources.flatMap((type) => pointingFrom(gathering, type, param) ?? []);
    if (each.length === 0) continue;
    const rows = await tx.rows<StoredRow>(
      fresh(sql`select ${storedColumns} from records.resource r
        join (select distinct f.row, f.param from records.reference f
               where f.target = any(${int8Array(targets)}::int8[])) f on f.row = r.row
        where not r.deleted and (${join(each, ' or ')})
        order by r.row limit ${MOST + 1}::int8`),
    );
    if (rows.length > MOST) gathering.cut = true;
    found.push(...rows.map(storedFrom));
  }
  return found;
}

/** Every type with records that the caller may search. */
async function sourcesOf({ tx, scope }: Gathering): Promise<string[]> {
  const types = [...(await countsOf(tx))].flatMap(([type, { live }]) => (live > 0 ? [type] : []));
  return types.filter((type) => scope.reachKind(type) !== 'none');
}

/** Records `r` of a type that point by `f`; of all parameters, those the caller may ask about. */
function pointingFrom({ scope }: Gathering, type: string, param: string): Sql | undefined {
  const visible = scope.visible(type);
  const codes = param === '*' ? includable(type) : [param];
  const asked = param === '*' ? codes.filter((code) => isVisible(visible, type, code)) : codes;
  requireVisible(visible, type, asked);
  const params = asked.flatMap((code) => numberOf(scope.hash, type, code));
  if (params.length === 0) return undefined;
  return sql`(r.type = ${typeNumber(type)}::int2 and f.param = any(${int4Array(params)}::int4[])
    and ${scope.reach(type, 'r')})`;
}

/** Parameters without rows of their own (patient, which is subject) have nothing to look under. */
function numberOf(hash: Hasher, type: string, code: string): number[] {
  try {
    return [referenceNumber(hash, type, code)];
  } catch {
    return [];
  }
}

/** Adds what is new, live and allowed. */
async function keep(gathering: Gathering, found: readonly Stored[]): Promise<Shown[]> {
  const fresh: Shown[] = [];
  // All at once, so that each record then finds its key in the cache.
  await livingKeys(
    gathering.asked.store,
    gathering.tx,
    found.map((one) => one.subject),
  );
  for (const stored of found) {
    if (gathering.known.has(stored.self) || stored.deleted) continue;
    if (gathering.added.length >= MOST) {
      gathering.cut = true;
      break;
    }
    gathering.known.add(stored.self);
    const shown = await showRecord(gathering.asked, gathering.tx, stored);
    if (shown === undefined) continue;
    gathering.added.push(shown);
    fresh.push(shown);
  }
  return fresh;
}
