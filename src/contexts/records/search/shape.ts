import { parseResourceJson } from '../../../standards/fhir/json.ts';
import type { SearchQuery } from '../../../standards/fhir/search/search-query.ts';
import { mandatoryElements, summaryElements } from '../../../standards/fhir/summary.ts';
import type { Shown } from './show.ts';

/**
 * FHIR R4 search.html#summary and #elements: fewer elements, marked SUBSETTED; else the bytes as
 * they are.
 */
export function shaped(
  query: Pick<SearchQuery, 'elements' | 'summary'>,
  shown: Pick<Shown, 'json'> & { stored: Pick<Shown['stored'], 'type'> },
): Buffer {
  const kept = keptElements(query, shown.stored.type);
  if (kept === undefined) return shown.json;
  const resource = parseResourceJson(shown.json);
  const subset: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(resource)) {
    if (kept(name)) subset[name] = value;
  }
  const meta = resource.meta as { tag?: unknown[] };
  const others = (meta.tag ?? []).filter((tag) => (tag as { code?: string }).code !== 'SUBSETTED');
  subset.meta = { ...meta, tag: [...others, subsetted] };
  return Buffer.from(JSON.stringify(subset));
}

const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

const always = new Set(['resourceType', 'id', 'meta']);

/** undefined: everything. Names are as in JSON; `_x` goes with `x`. */
function keptElements(
  query: Pick<SearchQuery, 'elements' | 'summary'>,
  type: string,
): ((name: string) => boolean) | undefined {
  const plain = (name: string) => name.replace(/^_/, '');
  if (query.elements.length > 0) {
    const asked = new Set(query.elements);
    const needed = mandatoryElements(type);
    const matches = (name: string) =>
      asked.has(name) || needed.has(name) || [...asked].some((one) => isChoiceOf(name, one));
    return (name) => always.has(name) || matches(plain(name));
  }
  switch (query.summary) {
    case 'true': {
      const summary = summaryElements(type);
      return (name) => always.has(name) || summary.has(plain(name));
    }
    case 'text': {
      const needed = mandatoryElements(type);
      return (name) => always.has(name) || plain(name) === 'text' || needed.has(plain(name));
    }
    case 'data':
      return (name) => plain(name) !== 'text';
    default:
      return undefined;
  }
}

/** `_elements=value` means valueQuantity too. */
function isChoiceOf(name: string, asked: string): boolean {
  return name.startsWith(asked) && /^[A-Z]/.test(name.slice(asked.length));
}
