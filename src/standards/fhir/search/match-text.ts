import type { Convert, Elements } from './convert.ts';
import type { IndexValue } from './index-value.ts';
import { normalizeString } from './normalize.ts';
import type { NearTest, Words } from './opened-clause.ts';
import { searchParameters } from './parameter.ts';
import { emptyNode, nodeAt, visitWith, type WalkNode, walk } from './walk.ts';

const elements = (value: unknown): Elements =>
  typeof value === 'object' && value !== null ? (value as Elements) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function push(value: unknown, param: string, out: IndexValue[]): void {
  if (typeof value === 'string' && value !== '') out.push({ kind: 'string', param, value });
}

const concept: Convert = (value, param, out) => {
  const { text, coding } = elements(value);
  push(text, param, out);
  for (const one of list(coding)) push(elements(one).display, param, out);
};
/** What R4 search.html#token calls the text of a token, and Reference.display. */
const shown: Readonly<Record<string, Convert>> = {
  CodeableConcept: concept,
  Coding: (value, param, out) => push(elements(value).display, param, out),
  Identifier: (value, param, out) => push(elements(elements(value).type).text, param, out),
  Reference: (value, param, out) => push(elements(value).display, param, out),
};
const roots = new Map<string, WalkNode>();

function rootOf(type: string): WalkNode {
  const known = roots.get(type);
  if (known) return known;
  const root = emptyNode();
  for (const { code, plans } of searchParameters(type).values()) {
    for (const [path, datatype] of plans) {
      const convert = Object.hasOwn(shown, datatype) ? shown[datatype] : undefined;
      if (convert) nodeAt(root, path).visits.push(visitWith(convert, code));
    }
  }
  if (searchParameters(type).size > 0) roots.set(type, root);
  return root;
}

/** The words shown for the tokens and references of a resource, for `:text`. */
export function shownTexts(resource: { readonly resourceType: string }): IndexValue[] {
  const out: IndexValue[] = [];
  walk(rootOf(resource.resourceType), resource, out);
  return out;
}

/** Levels `_content` goes down; the structure of R4 has less than twenty. */
const maxDepth = 64;

/**
 * Every string of a resource, for `_content`: ids, codes and addresses too, but not what is no text
 * (base64 of an Attachment or a Binary, the digits of SampledData).
 */
export function contentTexts(value: unknown, depth = 0, out: string[] = []): string[] {
  if (typeof value === 'string') out.push(value);
  else if (typeof value === 'object' && value !== null && depth < maxDepth) {
    for (const [key, one] of Object.entries(value)) {
      if (key !== 'data' || typeof one !== 'string') contentTexts(one, depth + 1, out);
    }
  }
  return out;
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
};

/** The words of an XHTML narrative without its tags. */
export function narrativeText(resource: object): string {
  const { div } = elements((resource as Elements).text);
  if (typeof div !== 'string') return '';
  return div
    .replace(/<[^<>]*>?/g, ' ')
    .replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,6}));/g, (_all, hex, dec, name) => {
      const point = hex ? Number.parseInt(hex, 16) : Number(dec);
      if (name !== undefined) return entities[name] ?? ' ';
      return point <= 0x10ffff ? String.fromCodePoint(point) : ' ';
    });
}

/** Whether texts have the asked words, compared as strings are (`normalizeString`). */
export function wordsAnswer(texts: readonly string[], asked: Words): boolean {
  const normal = texts.map((text) => ` ${normalizeString(text)} `);
  const holds = (one: Words): boolean => {
    if ('and' in one) return one.and.every(holds);
    if ('or' in one) return one.or.some(holds);
    if ('not' in one) return !holds(one.not);
    const text = ` ${one.words.join(' ')}${one.prefix ? '' : ' '}`;
    return normal.some((found) => found.includes(text));
  };
  return holds(asked);
}

const earthMetres = 6_371_008.8;

/** Great circle distance on the mean radius of WGS84: within half a percent of the ellipsoid's. */
export function isNear(resource: object, test: NearTest): boolean {
  const { latitude, longitude } = elements((resource as Elements).position);
  const [here, there] = [degrees(latitude), degrees(longitude)];
  if (here === undefined || there === undefined) return false;
  if (test.metres === Infinity) return true;
  const rad = Math.PI / 180;
  const a = Math.sin(((here - test.latitude) * rad) / 2) ** 2;
  const b = Math.sin(((there - test.longitude) * rad) / 2) ** 2;
  const across = a + Math.cos(here * rad) * Math.cos(test.latitude * rad) * b;
  return 2 * earthMetres * Math.asin(Math.min(1, Math.sqrt(across))) <= test.metres;
}

function degrees(value: unknown): number | undefined {
  const text = typeof value === 'object' ? elements(value).rawJSON : value;
  const number = typeof text === 'number' ? text : Number(text ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}
