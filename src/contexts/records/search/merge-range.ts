import type { Clause, QuantityTest } from '../../../standards/fhir/search/search-query.ts';
import { isSingleValued } from './single-valued.ts';

type Range = Extract<Clause, { on: 'date' | 'quantity' }>;

/**
 * Clauses that must all hold, those of one single-valued date or quantity put together: from and
 * until are then one range of an index instead of two halves of the table.
 */
export function mergedRanges(type: string, clauses: readonly Clause[]): Clause[][] {
  const groups = new Map<string, Clause[]>();
  const merged: Clause[][] = [];
  for (const clause of clauses) {
    const key = keyOf(type, clause);
    const known = key === undefined ? undefined : groups.get(key);
    if (known !== undefined) {
      known.push(clause);
      continue;
    }
    const group = [clause];
    if (key !== undefined) groups.set(key, group);
    merged.push(group);
  }
  return merged;
}

/** Clauses of the same key are about the same row. */
function keyOf(type: string, clause: Clause): string | undefined {
  if (!isRange(clause)) return undefined;
  const [param, ...others] = clause.params;
  if (param === undefined || others.length > 0 || !isSingleValued(type, param)) return undefined;
  if (clause.on === 'date') return `date ${param}`;
  // Each unit a value is known in is a row of its own.
  const units = new Set(clause.values.map(unitKey));
  return units.size === 1 ? `quantity ${param} ${[...units][0]}` : undefined;
}

export function isRange(clause: Clause): clause is Range {
  return clause.on === 'date' || clause.on === 'quantity';
}

function unitKey({ system, code, canonical }: QuantityTest): string {
  return JSON.stringify(canonical === undefined ? [system, code] : [canonical.unit]);
}
