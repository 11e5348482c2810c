import { converter } from './convert.ts';
import type { IndexValue } from './index-value.ts';
import { type CompositePart, type SearchParameter, searchParameters } from './parameter.ts';
import type { SearchRegistry } from './registry.ts';
import { emptyNode, nodeAt, type Visit, visitWith, type WalkNode, walk } from './walk.ts';

type Extractor = { root: WalkNode; otherwise: { param: string; code: string }[] };
const extractors = new Map<string, Extractor>();

/**
 * At most this many rows of one composite element: every coding of one part with every coding of
 * the other.
 */
const maxCombinations = 64;

function plant(
  root: WalkNode,
  { plans, kind, code }: Pick<SearchParameter, 'plans' | 'kind' | 'code'>,
): void {
  for (const [path, datatype, only] of plans) {
    nodeAt(root, path).visits.push(visitWith(converter(kind, datatype), code, only));
  }
}

function partRoot({ plans, kind, param }: CompositePart): WalkNode {
  const root = emptyNode();
  plant(root, { plans, kind, code: param });
  return root;
}

/** Each combination of the parts' values in one element; nothing if a part is missing. */
function compositeVisit(param: string, parts: readonly CompositePart[]): Visit {
  const roots = parts.map(partRoot);
  return (value, out, own) => {
    const found = roots.map((root) => {
      const values: IndexValue[] = [];
      walk(root, value, values, own);
      return values.filter((one) => !one.param.includes(':'));
    });
    const [first = [], second = []] = found;
    const pairs = first.flatMap((left) => second.map((right) => [left, right]));
    for (const pair of pairs.slice(0, maxCombinations)) {
      out.push({ kind: 'composite', param, parts: pair });
    }
  };
}

function extractorOf(type: string): Extractor {
  const known = extractors.get(type);
  if (known) return known;
  const extractor: Extractor = { root: emptyNode(), otherwise: [] };
  for (const parameter of searchParameters(type).values()) {
    plant(extractor.root, parameter);
    if (parameter.otherwise !== undefined) {
      extractor.otherwise.push({ param: parameter.code, code: parameter.otherwise });
    }
    if (parameter.path !== undefined && parameter.parts !== undefined) {
      const visit = compositeVisit(parameter.code, parameter.parts);
      nodeAt(extractor.root, parameter.path).visits.push(visit);
    }
  }
  if (searchParameters(type).size > 0) extractors.set(type, extractor);
  return extractor;
}

/**
 * All searchable values of a resource (R4 search.html), each once unless they are more than
 * 100,000, for the parameters that have index rows of their own; `_id` and `_lastUpdated` are the
 * store's. A value that is not of its datatype gives none. `own` is the store's base address, see
 * `referenceKey`; `registry` the tenant's, whose own parameters have values too.
 */
export function extractIndex(
  resource: { readonly resourceType: string },
  own?: string,
  registry?: SearchRegistry,
): IndexValue[] {
  const { root, otherwise } = extractorOf(resource.resourceType);
  const out: IndexValue[] = [];
  walk(root, resource, out, own);
  for (const { param, code } of otherwise) {
    if (!out.some((one) => one.param === param))
      out.push({ kind: 'token', param, system: '', code });
  }
  for (const one of registry?.storedOf(resource.resourceType) ?? []) {
    // As arguments of one push very many values would overflow the stack.
    for (const value of one.extract(resource, own)) out.push(value);
  }
  return distinct(out);
}

/** More take longer than a second to compare, and no store keeps as many of one resource. */
const mostCompared = 100_000;

/**
 * Comparing pairs is cheaper than keys until about 40 values (measured); a resource has 12 in the
 * median.
 */
function distinct(values: IndexValue[]): IndexValue[] {
  if (values.length > mostCompared) return values;
  if (values.length > 40) {
    return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  }
  return values.filter((value, at) => {
    for (let before = 0; before < at; before++) {
      const other = values[before];
      if (other !== undefined && other.param === value.param && same(other, value)) return false;
    }
    return true;
  });
}

function same(a: IndexValue, b: IndexValue): boolean {
  if (a.kind === 'token' && b.kind === 'token') return a.code === b.code && a.system === b.system;
  if (a.kind === 'reference' && b.kind === 'reference') {
    return a.id === b.id && a.type === b.type && a.url === b.url;
  }
  // `canonical` follows from the others.
  if (a.kind === 'quantity' && b.kind === 'quantity') {
    const amount = a.value === b.value && a.low === b.low && a.high === b.high;
    return amount && a.code === b.code && a.unit === b.unit && a.system === b.system;
  }
  if (a.kind === 'composite' && b.kind === 'composite') {
    return a.parts.every((part, at) => {
      const other = b.parts[at];
      return other !== undefined && other.param === part.param && same(part, other);
    });
  }
  return JSON.stringify(a) === JSON.stringify(b);
}
