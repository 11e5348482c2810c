import type { Designation } from './code-system.ts';
import { CONCEPT_TYPE, type PackedHeader, type PackedSystem } from './packed-system.ts';
import { packTexts } from './packed-text.ts';

type About = Pick<PackedHeader, 'url' | 'name' | 'caseSensitive'>;
type Kind = { language?: string; use?: NonNullable<Designation['use']> };
type Term = { kind: number; text: string };
type Property = { number: number; value: number };

/** Kinds of designations, and properties: both are numbered in one or two bytes. */
const MOST_KINDS = 255;
const MOST_PROPERTIES = 65_535;

/** Collects a large code system from its publisher's rows, in any order, and packs it. */
export class SystemBuilder {
  readonly #about: About;
  readonly #numbers = new Map<string, number>();
  readonly #flags: number[] = [];
  readonly #terms: Term[][] = [];
  readonly #parents: number[][] = [];
  readonly #properties: Property[][] = [];
  readonly #kinds: Kind[] = [{}];
  readonly #kindNumbers = new Map<string, number>();
  readonly #propertyNumbers = new Map<string, number>();
  readonly #propertyTypes: PackedHeader['properties'] = [];
  readonly #values = new Map<string, number>();

  constructor(about: About) {
    this.#about = about;
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** The concept of that code, new or known. */
  concept(code: string): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(code, number);
    this.#flags.push(0);
    this.#terms.push([]);
    this.#parents.push([]);
    this.#properties.push([]);
    return number;
  }

  find(code: string): number | undefined {
    return this.#numbers.get(code);
  }

  hasDisplay(concept: number): boolean {
    return this.#terms[concept]?.[0]?.kind === 0;
  }

  display(concept: number, text: string): void {
    const terms = this.#terms[concept];
    if (terms?.[0]?.kind === 0) terms[0] = { kind: 0, text };
    else terms?.unshift({ kind: 0, text });
  }

  designation(concept: number, kind: Kind, text: string): void {
    const key = JSON.stringify([kind.language, kind.use?.system, kind.use?.code]);
    const number = this.#kindNumbers.get(key) ?? this.#kinds.length;
    if (number === this.#kinds.length) {
      if (number > MOST_KINDS) throw new Error(`More than ${MOST_KINDS} kinds of designations.`);
      this.#kindNumbers.set(key, number);
      this.#kinds.push(kind);
    }
    this.#terms[concept]?.push({ kind: number, text });
  }

  parent(concept: number, parent: number): void {
    const parents = this.#parents[concept];
    if (concept !== parent && parents?.includes(parent) === false) parents.push(parent);
  }

  inactive(concept: number): void {
    this.#flags[concept] = (this.#flags[concept] ?? 0) | 1;
  }

  abstract(concept: number): void {
    this.#flags[concept] = (this.#flags[concept] ?? 0) | 2;
  }

  /** `type` is the end of value[x]: String, Code, Boolean. */
  property(concept: number, property: { code: string; type: string }, text: string): void {
    let value = this.#values.get(text);
    if (value === undefined) {
      value = this.#values.size;
      this.#values.set(text, value);
    }
    this.#properties[concept]?.push({ number: this.#propertyNumber(property), value });
  }

  /** A property whose value is another concept. */
  relation(concept: number, code: string, other: number): void {
    const number = this.#propertyNumber({ code, type: CONCEPT_TYPE });
    this.#properties[concept]?.push({ number, value: other });
  }

  #propertyNumber(property: { code: string; type: string }): number {
    const known = this.#propertyNumbers.get(property.code);
    if (known !== undefined) return known;
    const number = this.#propertyTypes.push(property) - 1;
    if (number > MOST_PROPERTIES) throw new Error(`More than ${MOST_PROPERTIES} properties.`);
    this.#propertyNumbers.set(property.code, number);
    return number;
  }

  pack(version: string): PackedSystem {
    const terms = flattened(this.#terms);
    const parents = flattened(this.#parents);
    const properties = flattened(this.#properties);
    return {
      header: {
        ...this.#about,
        ...{ version, size: this.size, properties: this.#propertyTypes, kinds: this.#kinds },
      },
      arrays: {
        codes: packTexts([...this.#numbers.keys()]),
        flags: Uint8Array.from(this.#flags),
        terms: packTexts(terms.list.map(({ text }) => `${text}\n`)),
        termStarts: terms.starts,
        termKinds: Uint8Array.from(terms.list, ({ kind }) => kind),
        parents: Uint32Array.from(parents.list),
        parentStarts: parents.starts,
        propertyCodes: Uint16Array.from(properties.list, ({ number }) => number),
        propertyValues: Uint32Array.from(properties.list, ({ value }) => value),
        propertyStarts: properties.starts,
        values: packTexts([...this.#values.keys()]),
      },
    };
  }
}

function flattened<T>(lists: readonly T[][]): { list: T[]; starts: Uint32Array } {
  const starts = new Uint32Array(lists.length + 1);
  const list: T[] = [];
  for (const [at, own] of lists.entries()) {
    for (const one of own) list.push(one);
    starts[at + 1] = list.length;
  }
  return { list, starts };
}
