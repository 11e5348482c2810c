import { int8Array } from '../../platform/postgres/binary-array.ts';
import { sql } from '../../platform/postgres/sql.ts';
import { refuse } from '../../platform/problem.ts';
import type { Apply } from './commit.ts';
import { inside } from './inside.ts';
import { recordKinds } from './problems.ts';
import { matchesWithin } from './search/answer.ts';
import { lockBySelf, type Stored } from './stored.ts';
import { transact, type Within } from './transact.ts';

export type Criteria = { readonly type: string; readonly query: string };

/**
 * Of If-None-Exist: what follows the question mark (FHIR R4 http.html#ccreate). Many write the
 * question mark too, and the type before it: with the same type they mean the same.
 */
export function criteriaOfNoneExist(type: string, text: string): Criteria {
  const before = [`${type}?`, '?'].find((one) => text.startsWith(one)) ?? '';
  return { type, query: text.slice(before.length) };
}

/** The record that criteria named. */
export type Match = Pick<Stored, 'self' | 'id' | 'version' | 'updatedAt'>;

/** Criteria locked one by one: each takes a place in a table PostgreSQL bounds (about 6,000). */
const MOST_LOCKS = 256;

/**
 * Two transactions with the same criteria go one after the other until their end, so that a
 * conditional create cannot make two. Taken in one order, so that they never wait for each other;
 * a transaction of very many criteria goes alone among those that have any.
 */
export async function lockCriteria(within: Within, all: readonly Criteria[]): Promise<void> {
  if (all.length === 0) return;
  const hash = await within.store.phi.hasher(within.tx.tenant);
  const whole = hash('criteria', 'all of a tenant');
  const names = all.map(({ type, query }) => hash('criteria', `${type}?${canonical(query)}`));
  const ordered = [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
  if (ordered.length > MOST_LOCKS) {
    await within.tx.run(sql`select pg_advisory_xact_lock(${whole}::int8)`);
    return;
  }
  await within.tx.run(sql`select pg_advisory_xact_lock_shared(${whole}::int8)`);
  await within.tx.run(sql`select pg_advisory_xact_lock(u.name)
    from unnest(${int8Array(ordered)}::int8[]) as u (name)`);
}

/**
 * A write that criteria decide: alone among those with the same criteria, in this process and in
 * all.
 */
export function transactOn<T>(
  asked: Parameters<typeof transact<T>>[0],
  criteria: Criteria,
  deed: (within: Within, apply: Apply) => Promise<T>,
): Promise<T> {
  const { store, caller } = asked;
  const name = `${caller.principal.tenant} ${criteria.type}?${canonical(criteria.query)}`;
  return store.inTurn(name, () =>
    transact(asked, async (within, apply) => {
      await lockCriteria(within, [criteria]);
      return deed(within, apply);
    }),
  );
}

/**
 * The one record the criteria name; undefined for none; several are refused (FHIR R4
 * http.html#ccreate).
 */
export async function theOne(within: Within, criteria: Criteria): Promise<Match | undefined> {
  const { store, caller, tx, told } = within;
  const pairs = [...new URLSearchParams(criteria.query)];
  const search = { store: inside(store, within), caller, type: criteria.type, pairs };
  const found = await matchesWithin({ ...search, lenient: false }, tx);
  const names = [...new Set(pairs.map(([name]) => name))].slice(0, 30);
  const entry = {
    ...({ type: 'record.search', action: 'E', outcome: 'success', caller } as const),
    ...{ resourceType: criteria.type, note: { criteria: names, shown: found.length } },
  };
  told.push(entry);
  await store.audit.write(tx, [entry]);
  if (found.length > 1) {
    refuse(
      recordKinds.preconditionFailed,
      `The criteria match more than one ${criteria.type}: make them more selective.`,
    );
  }
  return found[0];
}

/** So many records, one after the other, may change between being found and being locked. */
const LOOKS = 5;

/** The one record the criteria name, locked as it was found: it matches until the end. */
export async function theOneLocked(within: Within, criteria: Criteria): Promise<Match | undefined> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const found = await theOne(within, criteria);
    if (found === undefined) return undefined;
    const locked = (await lockBySelf(within.tx, [found.self])).get(found.self);
    if (locked?.version === found.version) return found;
  }
  return refuse(
    recordKinds.conflict,
    'What the criteria match changed each time it was found; send it again.',
  );
}

function canonical(query: string): string {
  const pairs = new URLSearchParams(query);
  pairs.sort();
  return pairs.toString();
}
