import type { AuditEntry } from '#audit';
import type { Caller } from '../../../platform/principal.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { type Person, personOf } from '../../../standards/matching/person.ts';
import { type Match, matchScore } from '../../../standards/matching/score.ts';
import { requireReach } from '../allow.ts';
import type { Resource } from '../prepare.ts';
import { readEntry } from '../read.ts';
import { understood } from '../search/answer.ts';
import { newBudget } from '../search/budget.ts';
import { searchPage } from '../search/search.ts';
import { type Shown, showRecord } from '../search/show.ts';
import type { Store } from '../store.ts';
import type { Stored } from '../stored.ts';
import { blocksOf } from './block.ts';

export type MatchAsked = {
  readonly store: Store;
  readonly caller: Caller;
  readonly patient: Resource;
  readonly onlyCertain: boolean;
  readonly count: number;
};

export type Matched = { readonly shown: Shown; readonly match: Match };
export type MatchResult = {
  readonly matched: readonly Matched[];
  readonly told: readonly string[];
};

/** Candidates of one block: a name that more than so many bear tells nobody apart. */
const MOST_IN_BLOCK = 200;

/**
 * R4 patient-operation-match.html: candidates by what the index of hashes can find, compared in
 * memory by what of them the caller may see, the likeliest first.
 */
export async function matchPatients(asked: MatchAsked): Promise<MatchResult> {
  const { store, caller } = asked;
  requireReach({ store, caller, action: 'search', type: 'Patient' });
  const { tenant } = caller.principal;
  await store.phi.hasher(tenant);
  const given = personOf(asked.patient);
  const { candidates, told } = await candidatesOf(asked, given);
  const matched = await compared(asked, given, candidates);
  const certain = matched.filter(({ match }) => match.grade === 'certain');
  if (asked.onlyCertain && certain.length > 1) {
    told.push('Several patients match for certain: none is returned, as asked.');
  }
  const some = asked.onlyCertain ? (certain.length === 1 ? certain : []) : matched;
  const best = some.slice(0, asked.count);
  if (best.length < some.length) told.push(`${some.length} patients match; the best are returned.`);
  await store.audit.release(tenant, entries(asked, candidates.length, best));
  store.counted('search', best.length);
  return { matched: best, told };
}

async function candidatesOf({ store, caller }: MatchAsked, given: Person) {
  const found = new Map<bigint, Stored>();
  const told: string[] = [];
  const blocks = blocksOf(given);
  if (blocks.length === 0) {
    told.push(
      'Nothing given can be looked up: a name, birth date, identifier or telecom is needed.',
    );
  }
  for (const { pairs, by } of blocks) {
    const query = await understood(
      { store, caller, type: 'Patient', pairs, lenient: false },
      pairs,
    );
    const asked = { store, caller, query, count: MOST_IN_BLOCK, after: undefined };
    const page = await store.database.transaction(caller.principal.tenant, (tx) =>
      searchPage({ ...asked, budget: newBudget() }, tx),
    );
    for (const { stored } of page.found) found.set(stored.self, stored);
    if (page.next === undefined) continue;
    told.push(`More than ${MOST_IN_BLOCK} patients are alike by ${by}: not all were compared.`);
  }
  return { candidates: [...found.values()], told };
}

/** Best first; what is certainly another person is left out. */
async function compared(
  { store, caller }: MatchAsked,
  given: Person,
  candidates: readonly Stored[],
): Promise<Matched[]> {
  const matched: Matched[] = [];
  await store.database.transaction(caller.principal.tenant, async (tx) => {
    for (const stored of candidates) {
      const shown = await showRecord({ store, caller }, tx, stored);
      if (shown === undefined) continue;
      // Our own bytes: they were checked when they came in.
      const person = personOf(parseResourceJson(shown.json, { maxDepth: 1000 }));
      const match = matchScore(given, person);
      if (match.grade !== 'certainly-not') matched.push({ shown, match });
    }
  });
  return matched.toSorted((a, b) => b.match.score - a.match.score);
}

function entries(
  { caller }: MatchAsked,
  compared: number,
  matched: readonly Matched[],
): AuditEntry[] {
  const note = { operation: 'Patient/$match', compared, shown: matched.length };
  const type = 'record.operation';
  return [
    { type, action: 'E', outcome: 'success', caller, resourceType: 'Patient', note },
    ...matched.map(({ shown: { stored, groups, because } }) =>
      readEntry(caller, 'search', stored, groups, because),
    ),
  ];
}
