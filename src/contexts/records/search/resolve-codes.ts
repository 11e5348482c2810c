import { refuse } from '../../../platform/problem.ts';
import type { ResolvedClause } from '../../../standards/fhir/search/opened-clause.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';
import { recordKinds } from '../problems.ts';
import type { Settling } from './ids-matching.ts';

/** Codes of a value set, or around a code, as tokens; refused where nothing here knows them. */
export async function resolveCodes(
  _within: Settling,
  _type: string,
  clause: ResolvedClause,
): Promise<Clause> {
  const text = `${clause.name} needs a terminology, and none is connected.`;
  return refuse(recordKinds.searchRefused, text, {
    issues: [{ severity: 'error', code: 'not-supported', expression: clause.name, text }],
  });
}
