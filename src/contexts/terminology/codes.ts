import { refuse } from '../../platform/problem.ts';
import type { CodeSystem } from '../../standards/fhir/terminology/code-system.ts';
import type { ConceptSet } from '../../standards/fhir/terminology/concept-set.ts';
import { ancestors, descendants } from '../../standards/fhir/terminology/hierarchy.ts';
import type { Terminology } from '../../standards/fhir/terminology/terminology.ts';
import { asTerminologyProblem, terminologyKinds } from './problems.ts';

/** `system` empty: codes whose value set names no system. */
export type SystemCode = { readonly system: string; readonly code: string };

/** Every code of a value set; a value set that cannot be listed whole is a Problem. */
export function codesIn(terminology: Terminology, valueSet: string, bound: number): SystemCode[] {
  try {
    const set =
      terminology.valueSet(valueSet) ??
      refuse(terminologyKinds.unknown, 'This value set is not known here.');
    if (set.limited) {
      refuse(terminologyKinds.notHeld, 'A code system of this value set is held only in part.');
    }
    const codes: SystemCode[] = [];
    for (const { system = '', code } of set.members()) {
      if (codes.length >= bound) tooMany(bound);
      codes.push({ system, code });
    }
    return codes;
  } catch (error) {
    throw asTerminologyProblem(error);
  }
}

export function descendantsOf(from: Terminology, of: SystemCode, bound: number): string[] {
  return related(from, of, bound, descendants);
}

export function ancestorsOf(from: Terminology, of: SystemCode, bound: number): string[] {
  return related(from, of, bound, ancestors);
}

type Walk = (system: CodeSystem, concept: number) => ConceptSet;

function related(terminology: Terminology, of: SystemCode, bound: number, walk: Walk): string[] {
  const system =
    terminology.codeSystem(of.system) ??
    refuse(terminologyKinds.notHeld, 'This code system is not held here.');
  const concept = system.find(of.code);
  if (concept < 0) refuse(terminologyKinds.codeInvalid, 'The code is not in the code system.');
  const found = walk(system, concept);
  if (found.size >= bound) tooMany(bound);
  return [concept, ...found].map((one) => system.code(one));
}

function tooMany(bound: number): never {
  return refuse(terminologyKinds.tooCostly, `These are more than ${bound} codes.`);
}
