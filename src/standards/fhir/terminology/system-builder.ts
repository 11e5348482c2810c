import type { Designation } from './code-system.ts';
import { CONCEPT_TYPE, type PackedHeader, type PackedSystem } from './packed-system.ts';
import { packTexts } from './packed-text.ts';

type About = Pick<PackedHeader, 'url' | 'name' | 'caseSensitive'>;
type Kind = { language?: string; use?: NonNullable<Designation['use']> };

/** Kinds of designations, and properties: both are numbered in one or two bytes. */
const MOST_KINDS = 255;
const MOST_PROPERTIES = 65_535;

/** Rows of one kind, as columns of numbers: millions of objects would take gigabytes. */
type Rows = { concept: number[]; first: number[]; second: number[] };
const noRows = (): Rows => ({ concept: [], first: [], second: [] });

function put(rows: Rows, concept: number, first: number, second: number): void {
  rows.concept.push(concept);
  rows.first.push(first);
  rows.second.push(second);
}

/** Collects a large code system from its publisher's rows, in any order, and packs it. */
export class SystemBuilder {
  readonly #about: About;
  readonly #numbers = new Map<string, number>();
  readonly #flags: number[] = [];
  /** By concept: the number of its display among the texts; -1: none yet. */
  readonly #displays: number[] = [];
  readonly #texts: string[] = [];
  /** Of each designation its kind and its text. */
  readonly #terms = noRows();
  readonly #parents = noRows();
  /** Of each property its number and its value. */
  readonly #properties = noRows();
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
    this.#displays.push(-1);
    return number;
  }

  find(code: string): number | undefined {
    return this.#numbers.get(code);
  }

  hasDisplay(concept: number): boolean {
    return (this.#displays[concept] ?? -1) >= 0;
  }

  /** The last one counts. */
  display(concept: number, text: string): void {
    this.#displays[concept] = this.#texts.push(text) - 1;
  }

  designation(concept: number, kind: Kind, text: string): void {
    const key = JSON.stringify([kind.language, kind.use?.system, kind.use?.code]);
    const number = this.#kindNumbers.get(key) ?? this.#kinds.length;
    if (number === this.#kinds.length) {
      if (number > MOST_KINDS) throw new Error(`More than ${MOST_KINDS} kinds of designations.`);
      this.#kindNumbers.set(key, number);
      this.#kinds.push(kind);
    }
    put(this.#terms, concept, number, this.#texts.push(text) - 1);
  }

  parent(concept: number, parent: number): void {
    if (concept !== parent) put(this.#parents, concept, parent, 0);
  }

  inactive(concept: number): void {
    this.#flags[concept] = (this.#flags[concept] ?? 0) | 1;
  }

  /** `type` is the end of value[x]: String, Code, Boolean. */
  property(concept: number, property: { code: string; type: string }, text: string): void {
    let value = this.#values.get(text);
    if (value === undefined) {
      value = this.#values.size;
      this.#values.set(text, value);
    }
    put(this.#properties, concept, this.#propertyNumber(property), value);
  }

  /** A property whose value is another concept. */
  relation(concept: number, code: string, other: number): void {
    put(this.#properties, concept, this.#propertyNumber({ code, type: CONCEPT_TYPE }), other);
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
    const parents = grouped(this.#parents, this.size);
    const properties = grouped(this.#properties, this.size);
    const terms = this.#packTerms();
    return {
      header: {
        ...this.#about,
        ...{ version, size: this.size, properties: this.#propertyTypes, kinds: this.#kinds },
      },
      arrays: {
        ...terms,
        codes: packTexts([...this.#numbers.keys()]),
        flags: Uint8Array.from(this.#flags),
        ...withoutTwins(parents, this.size),
        propertyCodes: Uint16Array.from(properties.first),
        propertyValues: properties.second,
        propertyStarts: properties.starts,
        values: packTexts([...this.#values.keys()]),
      },
    };
  }

  /** The display first, as kind 0. */
  #packTerms() {
    const rows = noRows();
    for (const [concept, text] of this.#displays.entries()) {
      if (text >= 0) put(rows, concept, 0, text);
    }
    const { concept, first, second } = this.#terms;
    for (const [at, of] of concept.entries()) put(rows, of, first[at] ?? 0, second[at] ?? 0);
    const terms = grouped(rows, this.size);
    const texts = Array.from(terms.second, (text) => `${this.#texts[text] ?? ''}\n`);
    return {
      terms: packTexts(texts),
      termStarts: terms.starts,
      termKinds: Uint8Array.from(terms.first),
    };
  }
}

/** Rows brought together by concept, in the order they came: counted, then filled in. */
function grouped({ concept, first, second }: Rows, size: number) {
  const starts = new Uint32Array(size + 1);
  for (const of of concept) starts[of + 1] = (starts[of + 1] ?? 0) + 1;
  for (let at = 0; at < size; at += 1) starts[at + 1] = (starts[at + 1] ?? 0) + (starts[at] ?? 0);
  const next = starts.slice();
  const all = { first: new Uint32Array(concept.length), second: new Uint32Array(concept.length) };
  for (const [row, of] of concept.entries()) {
    const place = next[of] ?? 0;
    all.first[place] = first[row] ?? 0;
    all.second[place] = second[row] ?? 0;
    next[of] = place + 1;
  }
  return { ...all, starts };
}

/** Publishers repeat a parent, once for each source that says so. */
function withoutTwins({ first, starts }: ReturnType<typeof grouped>, size: number) {
  const parentStarts = new Uint32Array(size + 1);
  const parents = new Uint32Array(first.length);
  let length = 0;
  for (let concept = 0; concept < size; concept += 1) {
    for (const parent of new Set(first.subarray(starts[concept], starts[concept + 1]))) {
      parents[length] = parent;
      length += 1;
    }
    parentStarts[concept + 1] = length;
  }
  return { parents: parents.slice(0, length), parentStarts };
}
