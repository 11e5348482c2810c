import { searchParameters } from '../../../standards/fhir/search/parameter.ts';
import { parseSearch } from '../../../standards/fhir/search/parse-query.ts';
import type { Clause } from '../../../standards/fhir/search/search-query.ts';

/** When care took place, by the type's own search parameter; the first one it has counts. */
const byPreference = [
  ...['date', 'occurrence', 'effective', 'effective-time', 'authoredon', 'authored', 'authored-on'],
  ...['onset-date', 'period', 'started', 'collected', 'whenhandedover', 'sent', 'start-date'],
  ...['recorded', 'datetime', 'datewritten', 'identified', 'created'],
];

/**
 * Patient/$everything's `start` and `end`: care between them, and what has no date of care (R4
 * patient-operation-everything.html). `start`, `end` as written; types without a date are whole.
 */
export function careBetween(
  type: string,
  { start, end }: { start: string | undefined; end: string | undefined },
): Clause | undefined {
  const parameters = searchParameters(type);
  const param = byPreference.find((one) => parameters.get(one)?.kind === 'date');
  if (param === undefined || (start === undefined && end === undefined)) return undefined;
  const bounds: [string, string][] = [];
  if (start !== undefined) bounds.push([param, `ge${start}`]);
  if (end !== undefined) bounds.push([param, `le${end}`]);
  const lenient = { lenient: false };
  const within = parseSearch(type, bounds, lenient).where;
  const undated = parseSearch(type, [[`${param}:missing`, 'true']], lenient).where;
  const name = 'start, end';
  return { on: 'or', name, clauses: [...undated, { on: 'and', name, clauses: within }] };
}
