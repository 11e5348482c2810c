import { type SearchParameter, searchParameters } from './parameter.ts';

/** A parameter defined by a stored SearchParameter resource. */
export type StoredParameter = SearchParameter &
  Required<Pick<SearchParameter, 'extract'>> & {
    /**
     * Names of elements its expression may read, so that who may not see one may not ask;
     * undefined: any.
     */
    readonly elements: readonly string[] | undefined;
  };

/** The search parameters of one tenant. */
export type SearchRegistry = {
  /** All of a type: R4's and the tenant's own. */
  parametersOf(type: string): ReadonlyMap<string, SearchParameter>;
  /** Only the tenant's own. */
  storedOf(type: string): readonly StoredParameter[];
};

const none: readonly StoredParameter[] = [];

/** Of a tenant that defined nothing. */
export const r4Registry: SearchRegistry = {
  parametersOf: searchParameters,
  storedOf: () => none,
};

/** `stored`: by resource type, none with a code R4 gives that type (`parameterFrom` sees to it). */
export function registryOf(
  stored: ReadonlyMap<string, readonly StoredParameter[]>,
): SearchRegistry {
  if (stored.size === 0) return r4Registry;
  const known = new Map<string, ReadonlyMap<string, SearchParameter>>();
  const parametersOf = (type: string): ReadonlyMap<string, SearchParameter> => {
    const own = stored.get(type);
    if (own === undefined) return searchParameters(type);
    const all = known.get(type);
    if (all) return all;
    const added = own.map((one): [string, SearchParameter] => [one.code, one]);
    const merged = new Map([...searchParameters(type), ...added]);
    known.set(type, merged);
    return merged;
  };
  return { parametersOf, storedOf: (type) => stored.get(type) ?? none };
}
