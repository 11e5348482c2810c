import { readFileSync } from 'node:fs';
import type { IndexValue } from './index-value.ts';
import { pointsTo } from './reference-text.ts';
import type { SearchKind } from './search-query.ts';

/**
 * Where values of a parameter stand: JSON element names, their datatype, and the one type a
 * reference must point to. An element may say which of its occurrences are meant:
 * `telecom[system=phone]`, `entry[0]`.
 */
type Plan = readonly [path: string, datatype: string, only?: string];

/** One part of a composite over a repeating element; the plans start at that element. */
export type CompositePart = {
  readonly param: string;
  readonly kind: SearchKind;
  readonly plans: readonly Plan[];
};

export type SearchParameter = {
  readonly code: string;
  readonly kind: SearchKind;
  /**
   * The parameters whose index rows answer it: itself, others of the same type, or both. Empty for
   * `_id`, `_lastUpdated`, special parameters and composites that need no rows.
   */
  readonly covers: readonly string[];
  /** What it writes rows for itself; empty if other parameters have all of its values. */
  readonly plans: readonly Plan[];
  /** Types its references may point to; empty where it holds canonical URLs only. */
  readonly targets: readonly string[];
  /** `patient` is `subject` where the reference points to a Patient. */
  readonly target?: string;
  /** Its values carry no system; these are the systems they imply (search.html#token). */
  readonly systems?: readonly string[];
  /** Compared without case, because the datatype is string. */
  readonly folded?: boolean;
  /** The token of a resource that has none of the elements (Patient.deceased is then false). */
  readonly otherwise?: string;
  /** Composite over the resource: all these parameters must hold. */
  readonly root?: readonly string[];
  /** Composite over this repeating element, with rows of its own. */
  readonly path?: string;
  readonly parts?: readonly CompositePart[];
  /** Its values, where a stored SearchParameter says how to find them. */
  readonly extract?: (resource: { readonly resourceType: string }, own?: string) => IndexValue[];
};

type Entry = Partial<Omit<SearchParameter, 'code' | 'targets'>> & {
  kind: SearchKind;
  targets?: string[] | '*';
};
type SearchFile = { types: Record<string, Record<string, Entry>> };

let file: SearchFile | undefined;
const byType = new Map<string, ReadonlyMap<string, SearchParameter>>();

/** 200 KB, parsed in 2 ms when the first search or the first write needs it. */
function load(): SearchFile {
  const url = new URL('../../../generated/fhir-r4/search.json', import.meta.url);
  file ??= JSON.parse(readFileSync(url, 'utf8')) as SearchFile;
  return file;
}

/** The R4 resource types that can be searched: all 146 concrete ones. */
export function searchableTypes(): readonly string[] {
  return Object.keys(load().types);
}

const storeParameters: readonly SearchParameter[] = [
  { code: '_id', kind: 'token', covers: [], plans: [], targets: [] },
  { code: '_lastUpdated', kind: 'date', covers: [], plans: [], targets: [] },
];

function complete(code: string, entry: Entry): SearchParameter {
  const { targets = [], ...rest } = entry;
  const rows = entry.plans !== undefined || entry.parts !== undefined;
  return {
    ...rest,
    code,
    covers: entry.covers ?? (rows ? [code] : []),
    plans: entry.plans ?? [],
    targets: targets === '*' ? searchableTypes() : targets,
  };
}

/**
 * R4's search parameters of a resource type by code, those of every resource (`_tag`, `_id`, …)
 * included; empty for a name that is not an R4 resource type. searchparameter-registry.html
 */
export function searchParameters(type: string): ReadonlyMap<string, SearchParameter> {
  const known = byType.get(type);
  if (known) return known;
  const { types } = load();
  const entries = Object.hasOwn(types, type) ? Object.entries(types[type] ?? {}) : [];
  const found = entries.map(([code, entry]) => complete(code, entry));
  const all = found.length > 0 ? [...storeParameters, ...found] : [];
  const parameters = new Map(all.map((one) => [one.code, one]));
  if (parameters.size > 0) byType.set(type, parameters);
  return parameters;
}

/**
 * Codes that `_include` may follow from this type: references that can point to stored resources.
 */
export function includable(type: string): string[] {
  return [...searchParameters(type).values()]
    .filter((one) => one.kind === 'reference' && one.targets.length > 0)
    .map((one) => one.code);
}

const bits = new Map<string, ReadonlyMap<string, number>>();

/**
 * A number 0 to 62 for every parameter of a type that has index rows of its own or a `target`: what
 * `:missing` asks about, also the parameter's short name in a row. The position among these codes
 * in their sorted order, so it changes only when the definitions do. Observation has the most, 35.
 */
export function presence(type: string): ReadonlyMap<string, number> {
  const known = bits.get(type);
  if (known) return known;
  const codes = [...searchParameters(type).values()]
    .filter((one) => one.covers.includes(one.code) || one.target !== undefined)
    .map((one) => one.code)
    .sort();
  if (codes.length > 63) throw new Error(`${type} has more than 63 indexed search parameters.`);
  const numbers = new Map(codes.map((code, at) => [code, at]));
  if (numbers.size > 0) bits.set(type, numbers);
  return numbers;
}

/**
 * The parameters whose `presence` answers `:missing` for this one, any of them; empty if none can.
 */
export function presentUnder(type: string, parameter: SearchParameter): string[] {
  const numbers = presence(type);
  if (numbers.has(parameter.code) && parameter.target !== undefined) return [parameter.code];
  if (parameter.extract !== undefined) return [...parameter.covers];
  return parameter.covers.filter((code) => numbers.has(code));
}

type Restricted = { target: string; bit: number };
const restrictions = new Map<string, ReadonlyMap<string, Restricted[]>>();

/**
 * By the parameter whose rows are read: the parameters that are it with one target (patient of
 * subject).
 */
function restrictedBy(type: string): ReadonlyMap<string, Restricted[]> {
  const known = restrictions.get(type);
  if (known) return known;
  const found = new Map<string, Restricted[]>();
  for (const { code, target, covers } of searchParameters(type).values()) {
    const bit = presence(type).get(code);
    if (target === undefined || bit === undefined) continue;
    for (const under of covers) found.set(under, [...(found.get(under) ?? []), { target, bit }]);
  }
  restrictions.set(type, found);
  return found;
}

/**
 * The parameters a resource has values for: bit n is the one `presence` numbers n. Fits a signed
 * int8.
 */
export function presentMask(values: readonly IndexValue[], type: string): bigint {
  const numbers = presence(type);
  const restricted = restrictedBy(type);
  // Two halves, because a bigint operation for each value would cost more than the walk.
  let low = 0;
  let high = 0;
  const set = (bit: number): void => {
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  };
  for (const value of values) {
    // A reference that is only an identifier is not missing.
    const bit = numbers.get(value.param) ?? numbers.get(value.param.replace(':identifier', ''));
    if (bit !== undefined) set(bit);
    if (value.kind !== 'reference') continue;
    for (const one of restricted.get(value.param) ?? []) {
      if (pointsTo(value, one.target)) set(one.bit);
    }
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
