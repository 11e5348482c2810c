import type { CodeSystem, Designation } from './code-system.ts';

/** One code of a value set. */
export type Member = {
  readonly system: string | undefined;
  readonly version: string | undefined;
  /** As the system or the value set writes it, whatever the case it was asked in. */
  readonly code: string;
  readonly display: string | undefined;
  readonly designations: readonly Designation[];
  readonly abstract: boolean;
  readonly inactive: boolean;
  /** Where the system is held here. */
  readonly concept: { readonly of: CodeSystem; readonly number: number } | undefined;
};

/** Found, surely not in it, or (undefined) it cannot be told here. */
export type Found = Member | false | undefined;

/** A concept as a value set without words of its own shows it. Designations are read when asked. */
export function memberOf(of: CodeSystem, number: number): Member {
  return {
    system: of.url,
    version: of.version,
    code: of.code(number),
    display: of.display(number),
    get designations() {
      return of.designations(number);
    },
    abstract: of.isAbstract(number),
    inactive: of.isInactive(number),
    concept: { of, number },
  };
}

/** In lower case: a member is found by a text when code, display or a designation holds all. */
export function wordsIn(filter: string): string[] {
  return filter.toLowerCase().split(/\s+/).filter(Boolean);
}

export function holdsWords(member: Member, words: readonly string[]): boolean {
  const { code, display = '', designations } = member;
  const text = [code, display, ...designations.map(({ value }) => value)].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}
