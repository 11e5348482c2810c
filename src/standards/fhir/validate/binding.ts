import type { JsonObject } from '../json-object.ts';
import type { CodeSet, CodeSets } from '../terminology/code-set.ts';

const maxValueSet = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/** A value set that codes must (required) or should (extensible) come from. */
export type Binding = {
  /** Its place in what each validator remembers; -1: a profile's, of which nothing is kept. */
  number: number;
  strength: 'required' | 'extensible';
  valueSet: string;
  /** elementdefinition-maxValueSet: an extensible binding's outer bound, which is required. */
  most?: string;
  /** Codes of an R4 value set that are at hand: they are in it without asking. */
  codes?: ReadonlySet<string>;
};

/** More codes than that are asked for again each time. */
const mostKnown = 5_000;
const mostSystems = 100;

/**
 * The binding that must be checked; preferred and example ones need not (R4 terminologies.html).
 */
export function bindingOf(element: JsonObject): Binding | undefined {
  const binding = element['binding'] as
    | (JsonObject & { extension?: { url?: string; valueCanonical?: string; valueUri?: string }[] })
    | undefined;
  if (typeof binding !== 'object' || binding === null) return undefined;
  const { strength, valueSet } = binding;
  const most = Array.isArray(binding.extension)
    ? binding.extension.find((one) => one?.url === maxValueSet)
    : undefined;
  const outer = most?.valueCanonical ?? most?.valueUri;
  if (typeof valueSet === 'string' && (strength === 'required' || strength === 'extensible')) {
    return { number: -1, strength, valueSet, ...(outer && { most: outer }) };
  }
  return outer ? { number: -1, strength: 'required', valueSet: outer } : undefined;
}

/** Answers membership in the value sets of bindings, and remembers the yes. */
export class Bindings {
  /** By a binding's number: codes without a system that were found in its value set. */
  readonly known: (Set<string> | undefined)[] = [];
  /** The same with a system: codes by system. */
  readonly #codings: (Map<string, Set<string>> | undefined)[] = [];
  readonly #sets: CodeSets;
  readonly #found = new Map<string, CodeSet | undefined>();

  constructor(sets: CodeSets) {
    this.#sets = sets;
  }

  /** undefined: the value set or the code system is not known here. */
  has(valueSet: string, system: string | undefined, code: string): boolean | undefined {
    let set = this.#found.get(valueSet);
    if (set === undefined && !this.#found.has(valueSet)) {
      set = this.#sets.codeSet(valueSet);
      if (this.#found.size < mostKnown) this.#found.set(valueSet, set);
    }
    return set?.has(system, code);
  }

  /** A `code`, whose system the value set implies. */
  code(binding: Binding, code: string): boolean | undefined {
    const found = binding.codes?.has(code) || this.has(binding.valueSet, undefined, code);
    if (found !== true || binding.number < 0) return found;
    const known = this.known[binding.number];
    if (known === undefined) this.known[binding.number] = new Set([code]);
    else if (known.size < mostKnown) known.add(code);
    return true;
  }

  /** A Coding or Quantity with its system. */
  coding(binding: Binding, system: string | undefined, code: string): boolean | undefined {
    const { number, valueSet } = binding;
    const codes = this.#codings[number]?.get(system ?? '');
    if (codes?.has(code)) return true;
    const found = this.has(valueSet, system, code);
    if (found !== true || number < 0) return found;
    if (codes !== undefined) {
      if (codes.size < mostKnown) codes.add(code);
      return true;
    }
    const systems = this.#codings[number] ?? new Map<string, Set<string>>();
    this.#codings[number] = systems;
    if (systems.size < mostSystems) systems.set(system ?? '', new Set([code]));
    return true;
  }
}
