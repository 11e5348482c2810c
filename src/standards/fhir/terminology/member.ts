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

/** A concept as a value set without words of its own shows it; read when it is asked for. */
class ConceptMember implements Member {
  readonly concept: { readonly of: CodeSystem; readonly number: number };

  constructor(of: CodeSystem, number: number) {
    this.concept = { of, number };
  }

  get system(): string {
    return this.concept.of.url;
  }

  get version(): string | undefined {
    return this.concept.of.version;
  }

  get code(): string {
    return this.concept.of.code(this.concept.number);
  }

  get display(): string | undefined {
    return this.concept.of.display(this.concept.number);
  }

  get designations(): readonly Designation[] {
    return this.concept.of.designations(this.concept.number);
  }

  get abstract(): boolean {
    return this.concept.of.isAbstract(this.concept.number);
  }

  get inactive(): boolean {
    return this.concept.of.isInactive(this.concept.number);
  }
}

export function memberOf(of: CodeSystem, number: number): Member {
  return new ConceptMember(of, number);
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
