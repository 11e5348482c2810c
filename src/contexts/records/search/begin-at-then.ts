import type { Clause } from '../../../standards/fhir/search/search-query.ts';

const begins = new WeakSet<Clause>();

/** The statement of this `_has` begins at the records that answer its condition (weigh-has.ts). */
export function beginAtThen(clause: Clause): void {
  begins.add(clause);
}

export function beginsAtThen(clause: Clause): boolean {
  return begins.has(clause);
}
