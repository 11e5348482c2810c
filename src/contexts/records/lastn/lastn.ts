import type { AuditEntry } from '#audit';
import type { Caller } from '../../../platform/principal.ts';
import { refuse } from '../../../platform/problem.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import type { Pairs } from '../bulk/parameter.ts';
import { recordKinds } from '../problems.ts';
import { readEntry } from '../read.ts';
import { understood } from '../search/answer.ts';
import { newBudget } from '../search/budget.ts';
import type { After } from '../search/page.ts';
import { searchPage } from '../search/search.ts';
import { type Shown, showRecord } from '../search/show.ts';
import type { Store } from '../store.ts';
import { CodeGroups } from './code-group.ts';

export type LastnAsked = {
  readonly store: Store;
  readonly caller: Caller;
  /** Search parameters of Observation. */
  readonly pairs: Pairs;
  readonly max: number;
};

/** `place`: 0 is the newest of all. */
type Placed = { readonly place: number; readonly shown: Shown };

export type Lastn = {
  readonly shown: readonly Shown[];
  /** Observations that match were left unlooked at. */
  readonly cut: boolean;
};

/** Observations opened for one answer: about half a second; the newest come first. */
export const MOST_OPENED = 10_000;
const PAGE = 500;

/**
 * R4 observation-operation-lastn.html: the newest `max` of each code among those that match, groups
 * in the order of their newest. Codes are compared by what the caller sees of them.
 */
export async function lastObservations(asked: LastnAsked): Promise<Lastn> {
  const { store, caller, max } = asked;
  const { tenant } = caller.principal;
  await store.phi.hasher(tenant);
  const pairs: Pairs = [...asked.pairs, ['_sort', '-date']];
  const query = await understood(
    { store, caller, type: 'Observation', pairs, lenient: false },
    pairs,
  );
  const groups = new CodeGroups<Placed>();
  let after: After | undefined;
  let opened = 0;
  let place = 0;
  do {
    const page = await store.database.transaction(tenant, async (tx) => {
      const search = { store, caller, query, count: PAGE, after, budget: newBudget() };
      const found = await searchPage(search, tx);
      for (const { stored } of found.found) {
        const shown = await showRecord({ store, caller }, tx, stored);
        if (shown === undefined) continue;
        const { members } = groups.of(codeOf(shown));
        if (members.length < max) members.push({ place, shown });
        place += 1;
      }
      return found;
    });
    opened += page.found.length;
    after = page.next;
  } while (after !== undefined && opened < MOST_OPENED);
  const shown = groups.all().flatMap((members) => newest(members, max));
  await store.audit.release(tenant, entries(asked, opened, shown));
  store.counted('search', shown.length);
  return { shown, cut: after !== undefined };
}

/** Two groups that turned out to be one stand behind each other. */
function newest(members: readonly Placed[], max: number): Shown[] {
  const sorted = members.toSorted((a, b) => a.place - b.place);
  return sorted.slice(0, max).map(({ shown }) => shown);
}

function codeOf({ json }: Shown): unknown {
  // Our own bytes: they were checked when they came in.
  return parseResourceJson(json, { maxDepth: 1000 })['code'];
}

function entries({ caller, pairs }: LastnAsked, opened: number, shown: readonly Shown[]) {
  const parameters = [...new Set(pairs.map(([name]) => name))].slice(0, 30);
  const note = { operation: 'Observation/$lastn', parameters, opened, shown: shown.length };
  const type = 'record.operation';
  const whole: AuditEntry = {
    ...{ type, action: 'E', outcome: 'success', caller, resourceType: 'Observation', note },
  };
  return [
    whole,
    ...shown.map((one) => readEntry(caller, 'search', one.stored, one.groups, one.because)),
  ];
}

/** What shapes a page has no meaning here: the operation has an order and a size of its own. */
const shaping = /^_(sort|count|cursor|total|summary|elements|include|revinclude|contained)/;
const MOST = 1000;

/** The search's parameters and `max`; refuses what would be ignored. */
export function lastnInput(pairs: Pairs): Pick<LastnAsked, 'pairs' | 'max'> {
  let max = 1;
  const search: [string, string][] = [];
  for (const [name, value] of pairs) {
    if (name === '_format' || name === '_pretty') continue;
    if (name === 'max') {
      if (!/^[1-9]\d{0,3}$/.test(value) || Number(value) > MOST) {
        refuse(recordKinds.badRequest, `max is a number from 1 to ${MOST}.`);
      }
      max = Number(value);
      continue;
    }
    if (shaping.test(name)) {
      refuse(
        recordKinds.badRequest,
        '$lastn has an order and a size of its own: give max instead.',
      );
    }
    search.push([name, value]);
  }
  const about = search.some(([name]) => /^(patient|subject)\b/.test(name));
  if (!about) refuse(recordKinds.badRequest, '$lastn needs a patient or a subject.');
  return { pairs: search, max };
}
