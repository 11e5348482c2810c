import type { SearchRegistry } from './registry.ts';
import { refuse } from './search-refused.ts';

/** What one search may still cost, shared by all of its pairs and chains, and what it may name. */
export type Budget = {
  values: number;
  own?: string;
  now?: number;
  registry: SearchRegistry;
  /** What was assumed or reduced, in words for the caller; becomes `limited`. */
  notes: string[];
};

/** Refuses a search whose alternatives, over all types and chains, are too many to look up. */
export function spend(budget: Budget, name: string, values: number): void {
  budget.values -= values;
  if (budget.values < 0) refuse('too-costly', name, 'The search has too many alternatives.');
}
