import type { Clause } from '../../standards/fhir/search/search-query.ts';

/** Whether a resource answers the clause is told from that resource alone. */
export function isSelfContained(clause: Clause): boolean {
  switch (clause.on) {
    case 'chain':
    case 'has':
    case 'value-set':
    case 'subsumption':
      return false;
    case 'and':
    case 'or':
      return clause.clauses.every(isSelfContained);
    case 'not':
      return isSelfContained(clause.clause);
    case 'all-of-one':
      return clause.values.every((parts) => parts.every(isSelfContained));
    default:
      return true;
  }
}
