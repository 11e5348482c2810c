import { readFileSync } from 'node:fs';
import type { SearchKind } from './search-query.ts';

/**
 * Where values of a parameter stand: JSON element names, their datatype, and the one type a reference must
 * point to. An element may say which of its occurrences are meant: `telecom[system=phone]`, `entry[0]`.
 */
export type Plan = readonly [path: string, datatype: string, only?: string];

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
   * The parameters whose index rows answer it: itself, others of the same type, or both. Empty for `_id`,
   * `_lastUpdated`, special parameters and composites that need no rows.
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
 * R4's search parameters of a resource type by code, those of every resource (`_tag`, `_id`, …) included;
 * empty for a name that is not an R4 resource type. searchparameter-registry.html
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

/** Codes that `_include` may follow from this type: references that can point to stored resources. */
export function includable(type: string): string[] {
  return [...searchParameters(type).values()]
    .filter((one) => one.kind === 'reference' && one.targets.length > 0)
    .map((one) => one.code);
}
