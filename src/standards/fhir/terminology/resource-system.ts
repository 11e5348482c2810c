import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { CodeSystem, Completeness, ConceptProperty, Designation } from './code-system.ts';
import { refuseTerm } from './refused.ts';
import { objectsOf, textOf } from './resource-field.ts';

/** Concepts of one CodeSystem resource: a body of 32 MiB holds no more of any use. */
const MOST_CONCEPTS = 1_000_000;
/** Deeper nesting than any classification has; JSON itself is bounded at about the same. */
const MOST_DEPTH = 200;

type Concept = {
  code: string;
  source: JsonObject;
  parents: number[];
  children: number[];
};

/** Codes of the properties that are hierarchy (R4 codesystem-concept-properties.html). */
const upward = new Set(['parent', 'subsumedBy']);

/**
 * A CodeSystem resource made ready for questions. Hierarchy: nesting, and the properties parent,
 * subsumedBy and child. Throws TerminologyRefused `invalid` for a code twice, `too-costly` for more
 * than a million concepts.
 */
export function resourceSystem(resource: JsonObject): CodeSystem {
  const caseSensitive = resource['caseSensitive'] !== false;
  const key = caseSensitive ? same : lower;
  const { concepts, byCode } = numbered(resource, key);
  relate(concepts, byCode, key);
  const flags = concepts.map(({ source }) => flagsOf(source));
  const defined = new Set(objectsOf(resource['property']).map((one) => textOf(one['code'])));
  const at = (concept: number) => concepts[concept];
  let texts: string[] | undefined;
  return {
    url: textOf(resource['url']) ?? '',
    version: textOf(resource['version']),
    name: textOf(resource['title']) ?? textOf(resource['name']) ?? textOf(resource['url']) ?? '',
    caseSensitive,
    completeness: completenessOf(resource),
    size: concepts.length,
    find: (code) => byCode.get(key(code)) ?? -1,
    code: (concept) => at(concept)?.code ?? '',
    display: (concept) => textOf(at(concept)?.source['display']),
    definition: (concept) => textOf(at(concept)?.source['definition']),
    designations: (concept) => designationsOf(at(concept)?.source),
    properties: (concept) => propertiesOf(at(concept)?.source),
    valuesOf: (concept, property) => textsOf(propertiesOf(at(concept)?.source), property),
    hasProperty: (code) => defined.has(code),
    parents: (concept) => at(concept)?.parents ?? [],
    children: (concept) => at(concept)?.children ?? [],
    isAbstract: (concept) => flags[concept]?.abstract === true,
    isInactive: (concept) => flags[concept]?.inactive === true,
    *search(words) {
      texts ??= concepts.map(searchText);
      for (let i = 0; i < concepts.length; i += 1) {
        if (words.every((word) => texts?.[i]?.includes(word))) yield i;
      }
    },
  };
}

const same = (code: string) => code;
const lower = (code: string) => code.toLowerCase();

/** In the document's order, a parent before its children. */
function numbered(resource: JsonObject, key: (code: string) => string) {
  const concepts: Concept[] = [];
  const byCode = new Map<string, number>();
  const add = (list: unknown, parent: number, depth: number): void => {
    if (depth > MOST_DEPTH) refuseTerm('too-costly', `Concepts nest deeper than ${MOST_DEPTH}.`);
    for (const source of objectsOf(list)) {
      const code = textOf(source['code']);
      if (code === undefined) continue;
      const known = byCode.get(key(code));
      const number = known ?? concepts.length;
      if (known === undefined) {
        if (number >= MOST_CONCEPTS) {
          refuseTerm('too-costly', `A CodeSystem resource has at most ${MOST_CONCEPTS} concepts.`);
        }
        byCode.set(key(code), number);
        concepts.push({ code, source, parents: [], children: [] });
      }
      if (parent >= 0) link(concepts, parent, number);
      add(source['concept'], number, depth + 1);
    }
  };
  add(resource['concept'], -1, 0);
  return { concepts, byCode };
}

function link(concepts: Concept[], parent: number, child: number): void {
  const above = concepts[parent];
  const below = concepts[child];
  if (above === undefined || below === undefined || below.parents.includes(parent)) return;
  if (parent === child) return;
  below.parents.push(parent);
  above.children.push(child);
}

function relate(
  concepts: Concept[],
  byCode: Map<string, number>,
  key: (code: string) => string,
): void {
  for (const [number, { source }] of concepts.entries()) {
    for (const property of objectsOf(source['property'])) {
      const name = textOf(property['code']) ?? '';
      if (!upward.has(name) && name !== 'child') continue;
      const other = byCode.get(key(textOf(property['valueCode']) ?? ''));
      if (other === undefined) continue;
      if (name === 'child') link(concepts, number, other);
      else link(concepts, other, number);
    }
  }
}

/** R4 codesystem-concept-properties.html: inactive, notSelectable; v3 says it by status. */
function flagsOf(source: JsonObject): { abstract: boolean; inactive: boolean } {
  let abstract = false;
  let inactive = false;
  for (const property of objectsOf(source['property'])) {
    const { code } = property;
    const yes = property['valueBoolean'] === true || property['valueCode'] === 'true';
    if (code === 'notSelectable' || code === 'abstract') abstract ||= yes;
    if (code === 'inactive') inactive ||= yes;
    if (code === 'status') inactive ||= retired.has(textOf(property['valueCode']) ?? '');
  }
  return { abstract, inactive };
}

const retired = new Set(['retired', 'inactive', 'Retired', 'Inactive']);

function completenessOf(resource: JsonObject): Completeness {
  const { content } = resource;
  return content === 'complete' ||
    content === 'example' ||
    content === 'fragment' ||
    content === 'supplement'
    ? content
    : 'not-present';
}

export function designationsOf(source: JsonObject | undefined): Designation[] {
  return objectsOf(source?.['designation']).flatMap((one) => {
    const value = textOf(one['value']);
    if (value === undefined) return [];
    const language = textOf(one['language']);
    const use = isJsonObject(one['use']) ? one['use'] : undefined;
    return [{ value, ...(language && { language }), ...(use && { use }) }];
  });
}

function propertiesOf(source: JsonObject | undefined): ConceptProperty[] {
  return objectsOf(source?.['property']).flatMap((one) => {
    const code = textOf(one['code']);
    const found = Object.entries(one).find(([name]) => name.startsWith('value'));
    if (code === undefined || found === undefined) return [];
    if (upward.has(code) || code === 'child') return [];
    return [{ code, type: found[0].slice('value'.length), value: found[1] }];
  });
}

function textsOf(properties: readonly ConceptProperty[], property: string): string[] {
  return properties
    .filter(({ code }) => code === property)
    .map(({ value }) => {
      if (typeof value !== 'object' || value === null) return String(value);
      const { code, rawJSON } = value as { code?: unknown; rawJSON?: unknown };
      return String(code ?? rawJSON);
    });
}

function searchText({ code, source }: Concept): string {
  const others = designationsOf(source).map(({ value }) => value);
  return [code, textOf(source['display']) ?? '', ...others].join('\n').toLowerCase();
}
