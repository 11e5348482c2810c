import type { Hasher } from '#phi';
import { type Sql, sql } from '../../../platform/postgres/sql.ts';
import type { Caller } from '../../../platform/principal.ts';
import { type Group, groups } from '../../../standards/fhir/sensitivity.ts';
import { isOwn, ownSubject } from '../allow.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import type { SearchAsked } from './page.ts';
import type { Scope } from './scope.ts';

/** The caller's reach over every type, as predicates; 'own' compares with their own subject. */
export async function scopeOf({ store, caller }: Pick<SearchAsked, 'store' | 'caller'>) {
  const hash: Hasher = await store.phi.hasher(caller.principal.tenant);
  const own = (await ownSubject(store, caller)) ?? 0n;
  const { principal, purpose } = caller;
  const reachOf = (type: string) => store.access.reach(principal, 'search', type, purpose);
  const reach = (type: string, alias: string): Sql => {
    const { kind } = reachOf(type);
    if (kind === 'all') return sql`true`;
    if (kind === 'none' || own === 0n) return sql`false`;
    return sql`${{ text: `${alias}.subject`, values: [] }} = ${own}::int8`;
  };
  const visible = (type: string): ReadonlySet<Group> => {
    const found = reachOf(type);
    // A type out of reach has no rows for the caller: whatever is asked of it finds nothing.
    return found.kind === 'none' ? new Set(groups) : found.groups;
  };
  const reachKind = (type: string) => reachOf(type).kind;
  // Loaded before the transaction, by `understood`.
  const { registry, whole } = store.searchParameters.known(principal.tenant);
  return { hash, reach, reachKind, visible, registry, whole } satisfies Scope;
}

/** What of a record may be shown to the searcher; undefined: nothing. */
export async function visibleGroups(
  { store, caller }: { store: Store; caller: Caller },
  stored: Stored,
): Promise<{ groups: ReadonlySet<Group>; because: string } | undefined> {
  const own = await isOwn(store, caller, stored.subject);
  const { principal, purpose } = caller;
  const decision = store.access.decide(principal, 'search', stored.type, own, purpose);
  return decision.permit ? decision : undefined;
}
