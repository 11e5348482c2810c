import type { CodeSystem, ConceptProperty, Designation } from './code-system.ts';
import { lowerCase, type PackedTexts, startOf, textAt, textTable } from './packed-text.ts';

/** What is known of an edition before its arrays are read. */
export type PackedHeader = {
  url: string;
  version: string;
  name: string;
  caseSensitive: boolean;
  size: number;
  /** Codes of the properties, by number; `concept`: their values are concepts of this system. */
  properties: { code: string; type: string }[];
  /** What a designation may be, by number; 0 is the display. */
  kinds: { language?: string; use?: Designation['use'] }[];
};

/**
 * A large code system as arrays: 350,000 concepts with a million terms take about 150 MB as they
 * are, and gigabytes as objects. Lists of a concept lie between `starts[concept]` and
 * `starts[concept + 1]`.
 */
export type PackedArrays = {
  codes: PackedTexts;
  /** 1: inactive, 2: abstract. */
  flags: Uint8Array;
  /** Each with a line feed at its end. */
  terms: PackedTexts;
  termStarts: Uint32Array;
  termKinds: Uint8Array;
  parents: Uint32Array;
  parentStarts: Uint32Array;
  /** Number of the property, and of its value: a concept, or a text of `values`. */
  propertyCodes: Uint16Array;
  propertyValues: Uint32Array;
  propertyStarts: Uint32Array;
  values: PackedTexts;
};

export type PackedSystem = { readonly header: PackedHeader; readonly arrays: PackedArrays };

/** A property whose values are concepts of the same system. */
export const CONCEPT_TYPE = 'concept';

/** The system ready for questions: children and the table of codes are made now (0.2 s). */
export function packedSystem({ header, arrays }: PackedSystem): CodeSystem {
  const { codes, terms, termStarts, termKinds, flags, parents, parentStarts } = arrays;
  const children = inverse(parents, parentStarts);
  const numbers = new Map(header.properties.map(({ code }, number) => [code, number]));
  const code = (concept: number) => textAt(codes, concept);
  const exact = textTable(codes);
  const list = (values: Uint32Array, starts: Uint32Array, at: number) =>
    values.subarray(starts[at], starts[at + 1]);
  const valueText = (at: number) => {
    const value = arrays.propertyValues[at] ?? 0;
    const isConcept = header.properties[arrays.propertyCodes[at] ?? 0]?.type === CONCEPT_TYPE;
    return isConcept ? code(value) : textAt(arrays.values, value);
  };
  const kept = { ...arrays, valueText };
  return {
    url: header.url,
    version: header.version,
    name: header.name,
    caseSensitive: header.caseSensitive,
    completeness: 'complete',
    size: header.size,
    find: (text) => (header.caseSensitive ? exact(text) : exact(text.toUpperCase())),
    code,
    display: (concept) => {
      const first = termStarts[concept] ?? 0;
      return termKinds[first] === 0 && first < (termStarts[concept + 1] ?? 0)
        ? termAt(terms, first)
        : undefined;
    },
    definition: () => undefined,
    designations: (concept) => designations(header, arrays, concept),
    properties: (concept) => properties(header, kept, concept),
    valuesOf(concept, property) {
      const number = numbers.get(property);
      const found: string[] = [];
      const end = arrays.propertyStarts[concept + 1] ?? 0;
      for (let at = arrays.propertyStarts[concept] ?? 0; at < end; at += 1) {
        if (arrays.propertyCodes[at] === number) found.push(valueText(at));
      }
      return found;
    },
    hasProperty: (property) => numbers.has(property),
    parents: (concept) => list(parents, parentStarts, concept),
    children: (concept) => list(children.values, children.starts, concept),
    isAbstract: (concept) => ((flags[concept] ?? 0) & 2) !== 0,
    isInactive: (concept) => ((flags[concept] ?? 0) & 1) !== 0,
    search: searcher(arrays, exact),
  };
}

/** Each term ends in a line feed, so that no text is found across two of them. */
const termAt = ({ bytes, ends }: PackedTexts, at: number) =>
  bytes.toString('utf8', startOf({ bytes, ends }, at), (ends[at] ?? 1) - 1);

/** Who names a concept as parent: counted, then filled in. */
function inverse(values: Uint32Array, starts: Uint32Array) {
  const size = starts.length - 1;
  const ends = new Uint32Array(size + 1);
  for (const value of values) ends[value + 1] = (ends[value + 1] ?? 0) + 1;
  for (let i = 0; i < size; i += 1) ends[i + 1] = (ends[i + 1] ?? 0) + (ends[i] ?? 0);
  const next = ends.slice();
  const turned = new Uint32Array(values.length);
  for (let child = 0; child < size; child += 1) {
    for (let at = starts[child] ?? 0; at < (starts[child + 1] ?? 0); at += 1) {
      const parent = values[at] ?? 0;
      const place = next[parent] ?? 0;
      turned[place] = child;
      next[parent] = place + 1;
    }
  }
  return { values: turned, starts: ends };
}

function designations(header: PackedHeader, arrays: PackedArrays, concept: number): Designation[] {
  const found: Designation[] = [];
  const end = arrays.termStarts[concept + 1] ?? 0;
  for (let at = arrays.termStarts[concept] ?? 0; at < end; at += 1) {
    const kind = arrays.termKinds[at] ?? 0;
    if (kind > 0) found.push({ ...header.kinds[kind], value: termAt(arrays.terms, at) });
  }
  return found;
}

type Kept = PackedArrays & { valueText(at: number): string };

function properties(header: PackedHeader, kept: Kept, concept: number): ConceptProperty[] {
  const found: ConceptProperty[] = [];
  const end = kept.propertyStarts[concept + 1] ?? 0;
  for (let at = kept.propertyStarts[concept] ?? 0; at < end; at += 1) {
    const { code = '', type = 'String' } = header.properties[kept.propertyCodes[at] ?? 0] ?? {};
    const text = kept.valueText(at);
    if (type === CONCEPT_TYPE) found.push({ code, type: 'Code', value: text });
    else found.push({ code, type, value: type === 'Boolean' ? text === 'true' : text });
  }
  return found;
}

/**
 * Looks through all terms at once, 2 GB/s, instead of concept by concept; a code only as a whole.
 * The lower-case copy is made when the first text is looked for.
 */
function searcher(arrays: PackedArrays, exact: (code: string) => number) {
  const { terms, termStarts } = arrays;
  const last = termStarts.length - 2;
  const endOf = (concept: number) =>
    concept < last ? startOf(terms, termStarts[concept + 1] ?? 0) : terms.bytes.length;
  let lower: Buffer | undefined;
  return function* search(words: readonly string[]): Iterable<number> {
    const asCode = words.length === 1 ? exact((words[0] ?? '').toUpperCase()) : -1;
    if (asCode >= 0) yield asCode;
    lower ??= lowerCase(terms.bytes);
    const needles = words.map((word) => Buffer.from(word)).sort((a, b) => b.length - a.length);
    const [rarest, ...others] = needles;
    if (rarest === undefined) return;
    let concept = 0;
    for (let from = lower.indexOf(rarest); from >= 0; ) {
      concept = holder(endOf, concept, from);
      const end = endOf(concept);
      const start = startOf(terms, termStarts[concept] ?? 0);
      const all = others.length === 0 || hasAll(lower.subarray(start, end), others);
      if (all && concept !== asCode) yield concept;
      from = end < lower.length ? lower.indexOf(rarest, end) : -1;
    }
  };
}

const hasAll = (text: Buffer, words: readonly Buffer[]) =>
  words.every((word) => text.includes(word));

/** The concept that holds the byte, at or after `from`: hits come in order, most of them near. */
function holder(endOf: (concept: number) => number, from: number, byte: number): number {
  let step = 1;
  while (endOf(from + step) <= byte) step *= 2;
  let low = from;
  let high = from + step;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(middle) > byte) high = middle;
    else low = middle + 1;
  }
  return low;
}
