import { refuse } from '../../../platform/problem.ts';
import { recordKinds } from '../problems.ts';
import { type Entry, isRead, issueAt } from './entry.ts';
import { type Matches, nameOf, ownCriteria } from './match.ts';

/** FHIR R4 http.html#trules: "resource identities in steps 1-3 must not overlap". */
export function requireDistinct(all: readonly { entry: Entry; self: bigint }[]): void {
  const seen = new Set<bigint>();
  for (const { entry, self } of all) {
    if (seen.has(self)) {
      duplicate(entry, 'Two entries change the same record: a transaction may change each once.');
    }
    seen.add(self);
  }
}

/** Two entries under one name, or that would each make the one record of their criteria. */
export function requireOneEach(entries: readonly Entry[], found: Matches): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    if (isRead(entry)) continue;
    const criteria = ownCriteria(entry);
    const absent = criteria !== undefined && found.get(nameOf(criteria)) === undefined;
    for (const name of [entry.fullUrl, absent ? nameOf(criteria) : undefined]) {
      if (name === undefined) continue;
      if (seen.has(name)) duplicate(entry, 'Two entries have the same fullUrl or criteria.');
      seen.add(name);
    }
  }
}

function duplicate(entry: Entry, text: string): never {
  const issues = [issueAt(`Bundle.entry[${entry.index}]`, 'duplicate', text)];
  return refuse(recordKinds.transaction, text, { issues });
}
