/** A designation of a concept (R4 codesystem-definitions.html#CodeSystem.concept.designation). */
export type Designation = {
  language?: string;
  use?: { system?: string; code?: string; display?: string };
  value: string;
};

/** `type` is the end of value[x]: code, Coding, string, integer, boolean, dateTime, decimal. */
export type ConceptProperty = { code: string; type: string; value: unknown };

/** R4 codesystem-definitions.html#CodeSystem.content. */
export type Completeness = 'complete' | 'example' | 'fragment' | 'not-present' | 'supplement';

/**
 * A code system held here. Its concepts are numbers from 0 to size - 1, so that hierarchies of
 * hundreds of thousands fit into arrays; -1 is no concept.
 */
export type CodeSystem = {
  readonly url: string;
  readonly version: string | undefined;
  /** For people: title or name. */
  readonly name: string;
  readonly caseSensitive: boolean;
  readonly completeness: Completeness;
  readonly size: number;
  /** The concept of this code, in the case the system wants it in; -1: none. */
  find(code: string): number;
  code(concept: number): string;
  display(concept: number): string | undefined;
  definition(concept: number): string | undefined;
  designations(concept: number): readonly Designation[];
  /** As defined, without parent and child, which `parents` and `children` tell. */
  properties(concept: number): readonly ConceptProperty[];
  /** What a property of that code is, as text: all a filter compares. */
  valuesOf(concept: number, property: string): readonly string[];
  /** Whether it is defined: the filter of a misspelt property must not be empty. */
  hasProperty(code: string): boolean;
  parents(concept: number): ArrayLike<number>;
  children(concept: number): ArrayLike<number>;
  /** Not to be chosen: only a heading (property notSelectable or abstract). */
  isAbstract(concept: number): boolean;
  isInactive(concept: number): boolean;
  /** Concepts whose code, display or a designation holds each of the words, in lower case. */
  search(words: readonly string[]): Iterable<number>;
};
