import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { hasUriAncestors } from '../../../standards/fhir/search/uri-path.ts';

/** Whether rows alone decide a clause; else some records must be opened. */
export function isExact(clause: Clause): boolean {
  switch (clause.on) {
    case 'substring':
    case 'text':
    case 'words':
    case 'near':
    case 'unequal':
    case 'canonical-below':
      return false;
    case 'uri-below':
      return clause.params.every((param) => hasUriAncestors(param));
    case 'quantity':
      // The rows know no system by itself.
      return clause.values.every((test) => test.code !== undefined || test.system === undefined);
    case 'and':
    case 'or':
      return clause.clauses.every((one) => isExact(one));
    case 'not':
      return isExact(clause.clause);
    case 'all-of-one':
      return clause.values.every((parts) => parts.every((one) => isExact(one)));
    case 'chain':
      return clause.alternatives.every(({ then }) => isExact(then));
    case 'has':
      return isExact(clause.then);
    default:
      return true;
  }
}
