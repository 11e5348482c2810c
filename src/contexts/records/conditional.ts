import type { Transaction } from '../../platform/postgres/database.ts';
import { sql } from '../../platform/postgres/sql.ts';
import type { Caller } from '../../platform/principal.ts';
import { refuse } from '../../platform/problem.ts';
import { recordKinds } from './problems.ts';
import { matchesWithin } from './search/answer.ts';
import type { Store } from './store.ts';
import type { Stored } from './stored.ts';

export type Criteria = { readonly type: string; readonly query: string };

/** The record that criteria named. */
export type Match = Pick<Stored, 'id' | 'version' | 'updatedAt'>;

type Within = { readonly store: Store; readonly caller: Caller; readonly tx: Transaction };

/**
 * Two transactions with the same criteria go one after the other until their end, so that a
 * conditional create cannot make two. Taken in one order, so that they never wait for each other.
 */
export async function lockCriteria(within: Within, all: readonly Criteria[]): Promise<void> {
  if (all.length === 0) return;
  const hash = await within.store.phi.hasher(within.tx.tenant);
  const names = all.map(({ type, query }) => hash('criteria', `${type}?${canonical(query)}`));
  const ordered = [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
  for (const name of ordered) {
    await within.tx.run(sql`select pg_advisory_xact_lock(${name}::int8)`);
  }
}

/**
 * The one record the criteria name; undefined for none; several are refused (FHIR R4
 * http.html#ccreate).
 */
export async function theOne(within: Within, criteria: Criteria): Promise<Match | undefined> {
  const { store, caller, tx } = within;
  const pairs = [...new URLSearchParams(criteria.query)];
  const search = { store, caller, type: criteria.type, pairs, lenient: false };
  const found = await matchesWithin(search, tx);
  if (found.length > 1) {
    refuse(
      recordKinds.preconditionFailed,
      `The criteria match more than one ${criteria.type}: make them more selective.`,
    );
  }
  return found[0];
}

function canonical(query: string): string {
  const pairs = new URLSearchParams(query);
  pairs.sort();
  return pairs.toString();
}
