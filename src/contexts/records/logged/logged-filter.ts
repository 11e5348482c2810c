import type { LogFilter } from '#audit';
import type { Clause, DateTest } from '../../../standards/fhir/search/search-query.ts';

/**
 * What of a search the log's own indexes can narrow. Only narrows: whether an event answers is told
 * from the resource it becomes, clause by clause.
 */
export function logFilter(where: readonly Clause[]): LogFilter {
  const filter: { -readonly [Key in keyof LogFilter]: string } = {};
  for (const clause of where) {
    if (clause.on === 'id' && !clause.not && clause.ids.length === 1)
      filter.id = clause.ids[0] ?? '';
    else if (clause.on === 'updated') Object.assign(filter, bounds(clause.ranges));
    else if (clause.on === 'date') Object.assign(filter, bounds(clause.values));
    else if (clause.on === 'reference' && !clause.not && clause.values.length === 1) {
      Object.assign(filter, ofReference(clause));
    }
  }
  return filter;
}

type ReferenceClause = Extract<Clause, { on: 'reference' }>;

function ofReference({ name, values }: ReferenceClause): LogFilter {
  const [only] = values;
  if (only === undefined || !('id' in only)) return {};
  const bare = name.split(':', 1)[0];
  if (bare === 'patient' && only.types.includes('Patient')) return { about_patient: only.id };
  // An event of a patient's record names the patient too, so that one may be an entity without
  // being what was asked for.
  const [type] = only.types;
  if (only.types.length !== 1 || type === undefined || bare === 'agent') return {};
  if (type === 'Patient' && bare === 'entity') return { about_patient: only.id };
  return bare === 'entity' || bare === 'target'
    ? { resource_type: type, resource_id: only.id }
    : {};
}

/** Of one test; of alternatives nothing is left out beforehand. */
function bounds(tests: readonly DateTest[]): LogFilter {
  const [only] = tests;
  if (only === undefined || tests.length > 1) return {};
  const { prefix, low, high } = only;
  const from = prefix === 'gt' || prefix === 'sa' || prefix === 'ge' || prefix === 'eq';
  const to = prefix === 'lt' || prefix === 'eb' || prefix === 'le' || prefix === 'eq';
  return {
    ...(from && Number.isFinite(low) ? { from: instant(low) } : {}),
    ...(to && Number.isFinite(high) ? { to: instant(high) } : {}),
  };
}

/** PostgreSQL's dates begin in 4713 BC; a log knows none before 1970. */
function instant(at: number): string {
  return new Date(Math.min(Math.max(at, 0), 253_402_300_799_999)).toISOString();
}
