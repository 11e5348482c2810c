import { isJsonObject, type JsonObject } from '../json-object.ts';
import { objectsOf, splitCanonical, textOf } from './resource-field.ts';

type Coding = { system?: string; code: string; display?: string; version?: string };

/** Another element's value that a mapping depends on, or that comes with it. */
export type MapElement = { element: string; coding: Coding };

/** R4 conceptmap-operation-translate.html, parameter match. */
export type Translation = {
  equivalence: string;
  /** None where the map says that there is none (unmatched). */
  concept: Coding | undefined;
  products: MapElement[];
  /** The map it stands in. */
  source: string;
};

export type TranslateRequest = {
  system: string | undefined;
  code: string;
  /** From target to source. */
  reverse: boolean;
  targetSystem: string | undefined;
  dependencies: readonly MapElement[];
  /** Where `unmapped` leads to another map. */
  mapOf(canonical: string): JsonObject | undefined;
};

/** Maps that lead on to each other. */
const MOST_MAPS = 8;

/**
 * What one code becomes by a ConceptMap. An empty list: the map does not say. `unmapped` of a group
 * is followed only where the group says nothing of the code (R4 ConceptMap.group.unmapped).
 */
export function translate(map: JsonObject, asked: TranslateRequest): Translation[] {
  return through(map, asked, 1);
}

function through(map: JsonObject, asked: TranslateRequest, depth: number): Translation[] {
  return objectsOf(map['group'])
    .filter((group) => concerns(group, asked))
    .flatMap((group) => {
      const rows = rowsOf(group, asked.reverse).get(asked.code);
      if (rows === undefined) {
        return asked.reverse ? [] : unmapped({ map, group, depth }, asked);
      }
      return rows
        .filter(({ target }) => depends(target, asked.dependencies))
        .map((row) => translation(map, group, row, asked.reverse));
    });
}

function concerns(group: JsonObject, { system, targetSystem, reverse }: TranslateRequest) {
  const [from, to] = reverse ? ['target', 'source'] : ['source', 'target'];
  const is = (wanted: string | undefined, given: unknown) => {
    const url = splitCanonical(textOf(given) ?? '').url;
    return wanted === undefined || url === '' || url === wanted;
  };
  return is(system, group[from]) && is(targetSystem, group[to]);
}

type Row = { element: JsonObject; target: JsonObject };

const rows = new WeakMap<JsonObject, Map<string, Row[]>>();
const reversedRows = new WeakMap<JsonObject, Map<string, Row[]>>();

/** By the code that is asked for: the group is read through once, not for every question. */
function rowsOf(group: JsonObject, reverse: boolean): Map<string, Row[]> {
  const cache = reverse ? reversedRows : rows;
  const known = cache.get(group);
  if (known !== undefined) return known;
  const byCode = new Map<string, Row[]>();
  for (const element of objectsOf(group['element'])) {
    const targets = objectsOf(element['target']);
    // An element without a target: the author looked and found none.
    for (const target of targets.length > 0 ? targets : [{ equivalence: 'unmatched' }]) {
      const code = textOf((reverse ? target : element)['code']);
      if (code === undefined) continue;
      const list = byCode.get(code);
      if (list === undefined) byCode.set(code, [{ element, target }]);
      else list.push({ element, target });
    }
  }
  cache.set(group, byCode);
  return byCode;
}

/** A mapping that depends on other elements counts only when they have been told, and fit. */
function depends(target: JsonObject, given: readonly MapElement[]): boolean {
  return objectsOf(target['dependsOn']).every(({ property, system, value }) =>
    given.some(
      ({ element, coding }) =>
        element === property &&
        coding.code === value &&
        (system === undefined || coding.system === undefined || coding.system === system),
    ),
  );
}

/** Read backwards, what was wider is narrower. */
const backwards: Readonly<Record<string, string>> = {
  ...{ wider: 'narrower', narrower: 'wider' },
  ...{ subsumes: 'specializes', specializes: 'subsumes' },
};

function translation(
  map: JsonObject,
  group: JsonObject,
  { element, target }: Row,
  reverse: boolean,
): Translation {
  const stated = textOf(target['equivalence']) ?? 'equivalent';
  const end = reverse ? 'source' : 'target';
  const concept = reverse ? element : target;
  const version = textOf(group[`${end}Version`]);
  return {
    equivalence: reverse ? (backwards[stated] ?? stated) : stated,
    concept: coding({ ...concept, system: group[end], ...(version && { version }) }),
    products: objectsOf(target['product']).flatMap((one) => {
      const made = coding({ ...one, code: one['value'] });
      const about = textOf(one['property']);
      return made === undefined || about === undefined ? [] : [{ element: about, coding: made }];
    }),
    source: textOf(map['url']) ?? '',
  };
}

function coding(from: JsonObject): Coding | undefined {
  const code = textOf(from['code']);
  if (code === undefined) return undefined;
  const found: Coding = { code };
  for (const name of ['system', 'version', 'display'] as const) {
    const text = textOf(from[name]);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

type Place = { map: JsonObject; group: JsonObject; depth: number };

/** R4 conceptmap-unmapped-mode: provided (the same code), fixed, other-map. */
function unmapped({ map, group, depth }: Place, asked: TranslateRequest): Translation[] {
  const rule = group['unmapped'];
  if (!isJsonObject(rule)) return [];
  const source = textOf(map['url']) ?? '';
  const to = { system: group['target'] };
  if (rule['mode'] === 'other-map') {
    const next = asked.mapOf(textOf(rule['url']) ?? '');
    return next === undefined || depth >= MOST_MAPS ? [] : through(next, asked, depth + 1);
  }
  const isFixed = rule['mode'] === 'fixed';
  const concept = isFixed ? coding({ ...rule, ...to }) : coding({ code: asked.code, ...to });
  return [{ equivalence: isFixed ? 'inexact' : 'equal', concept, products: [], source }];
}
