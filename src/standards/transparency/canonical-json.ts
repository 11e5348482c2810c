/** JSON without floats beyond what JavaScript writes, dates or undefined members. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/**
 * The one text of a JSON value (RFC 8785, JSON Canonicalization Scheme): no white space, members
 * sorted by UTF-16 code units (§3.2.3), numbers and strings as ECMAScript writes them (§3.2.2).
 * Throws a RangeError for what I-JSON cannot carry: NaN, infinities, lone surrogates.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new RangeError('a lone surrogate has no UTF-8 form');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError('JSON has no NaN and no infinity');
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value).sort();
  const written = members.map((name) => {
    const member = value[name];
    if (member === undefined) throw new RangeError('JSON has no undefined');
    return `${canonicalJson(name)}:${canonicalJson(member)}`;
  });
  return `{${written.join(',')}}`;
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
