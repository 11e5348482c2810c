import type { Transaction } from '../../../platform/postgres/database.ts';
import { parseResourceJson } from '../../../standards/fhir/json.ts';
import { eachReference, parseReference } from '../../../standards/fhir/reference.ts';
import { selfName } from '../blind-name.ts';
import { type Shown, showRecord } from '../search/show.ts';
import { currentBySelf } from '../stored.ts';
import type { Gathering } from './gathering.ts';

/** A practitioner's role names a practitioner, and an organization; no further. */
const ROUNDS = 2;

/**
 * What the records of a page refer to and no compartment holds: who treated, where, with what. Of
 * others' records none, though the caller might see them: this is about one subject.
 */
export async function referencedBy(
  gathering: Gathering,
  tx: Transaction,
  page: readonly Pick<Shown, 'json'>[],
): Promise<Shown[]> {
  const { asked, known, subjects } = gathering;
  const hash = await asked.store.phi.hasher(asked.caller.principal.tenant);
  const found: Shown[] = [];
  let round = page;
  for (let turn = 0; turn < ROUNDS && round.length > 0; turn += 1) {
    const selves = new Set<bigint>();
    for (const { json } of round) {
      for (const [type, id] of targetsOf(json)) {
        const self = selfName(hash, type, id);
        if (!known.has(self)) selves.add(self);
      }
    }
    const next: Shown[] = [];
    for (const stored of (await currentBySelf(tx, [...selves])).values()) {
      known.add(stored.self);
      if (stored.deleted || !(stored.subject === 0n || subjects.has(stored.subject))) continue;
      const shown = await showRecord(asked, tx, stored);
      if (shown !== undefined) next.push(shown);
    }
    found.push(...next);
    round = next;
  }
  return found;
}

function targetsOf(json: Buffer): [string, string][] {
  const targets: [string, string][] = [];
  // Our own bytes: they were checked when they came in.
  eachReference(parseResourceJson(json, { maxDepth: 1000 }), ({ reference }) => {
    const parsed = reference === undefined ? undefined : parseReference(reference);
    if (parsed?.kind === 'relative') targets.push([parsed.type, parsed.id]);
  });
  return targets;
}
