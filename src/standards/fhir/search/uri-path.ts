/** Slashes cut off one address; deeper ones are found by `:below` only from their first levels. */
const maxLevels = 16;

/**
 * The addresses a URL stands beneath, itself included, each without a slash at its end:
 * http://a.test/b/c has http://a.test, http://a.test/b and itself. R4 search.html#uri: only URLs
 * have levels, not URNs. At most 16, the shortest first.
 */
export function uriAncestors(uri: string): string[] {
  const own = trimSlash(uri);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(own)?.[0].length;
  if (scheme === undefined) return [own];
  const found: string[] = [];
  let slash = own.indexOf('/', scheme);
  while (slash > 0 && found.length < maxLevels - 1) {
    found.push(own.slice(0, slash));
    slash = own.indexOf('/', slash + 1);
  }
  return [...found, own];
}

/** Whether `uri` is `above` or stands beneath it. */
export function isBeneath(uri: string, above: string): boolean {
  return uriAncestors(uri).includes(trimSlash(above));
}

export function trimSlash(uri: string): string {
  return uri.endsWith('/') && !uri.endsWith('//') ? uri.slice(0, -1) : uri;
}

/**
 * Whether the ancestors of a uri parameter's values are indexed. Not those of every resource's
 * meta (`_profile`, `_source`): they would add rows to each record for a search hardly anybody
 * asks.
 */
export function hasUriAncestors(param: string): boolean {
  return !param.startsWith('_');
}
