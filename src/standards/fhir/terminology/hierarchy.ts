import type { CodeSystem } from './code-system.ts';
import { ConceptSet } from './concept-set.ts';

type Step = (concept: number) => ArrayLike<number>;

/** All reached by the steps from `start`, without `start`; a circle in the data ends it. */
function reached(system: CodeSystem, start: number, step: Step): ConceptSet {
  const seen = new ConceptSet(system.size);
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const next = step(at);
    for (let i = 0; i < next.length; i += 1) {
      const one = next[i] ?? start;
      if (one !== start && seen.add(one)) waiting.push(one);
    }
  }
  return seen;
}

/** Everything below a concept, itself not included. */
export function descendants(system: CodeSystem, concept: number): ConceptSet {
  return reached(system, concept, system.children);
}

/** Everything above a concept, itself not included. */
export function ancestors(system: CodeSystem, concept: number): ConceptSet {
  return reached(system, concept, system.parents);
}

/** Whether `concept` is `ancestor` or below it: walks up, which is a few dozen steps. */
export function isA(system: CodeSystem, concept: number, ancestor: number): boolean {
  if (concept === ancestor) return true;
  const first = system.parents(concept);
  if (first.length === 0) return false;
  if (first.length === 1) {
    // Most concepts of most systems have one parent: no set is needed for the first step.
    const parent = first[0] ?? -1;
    if (parent === ancestor) return true;
    if (system.parents(parent).length === 0) return false;
  }
  const seen = new Set<number>([concept]);
  const waiting = [concept];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const next = system.parents(at);
    for (let i = 0; i < next.length; i += 1) {
      const one = next[i] ?? -1;
      if (one === ancestor) return true;
      if (seen.has(one)) continue;
      seen.add(one);
      waiting.push(one);
    }
  }
  return false;
}

export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

/** R4 codesystem-operation-subsumes.html. */
export function subsumption(system: CodeSystem, a: number, b: number): Subsumption {
  if (a === b) return 'equivalent';
  if (isA(system, b, a)) return 'subsumes';
  return isA(system, a, b) ? 'subsumed-by' : 'not-subsumed';
}
