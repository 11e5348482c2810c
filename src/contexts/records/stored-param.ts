/**
 * Index values of a tenant's own search parameters carry `code#digest` instead of a code: R4's
 * parameters have numbers, these have none.
 */
export function storedParam(
  code: string,
  digest: string,
  elements: readonly string[] | undefined,
): string {
  const param = `${code}#${digest}`;
  known.set(param, elements);
  return param;
}

export function isStoredParam(param: string): boolean {
  return param.includes('#');
}

/** The elements its expression may read; undefined: any. */
export function elementsOf(param: string): readonly string[] | undefined {
  return known.get(param.split(':')[0] ?? '');
}

/** By name, which says what the definition says: the same whoever defined it. */
const known = new Map<string, readonly string[] | undefined>();
