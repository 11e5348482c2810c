import type { CanonicalQuantity } from './search-query.ts';

/**
 * One searchable value found in a resource, before it is hashed. `param` is the search parameter's
 * code.
 */
export type IndexValue =
  | TokenValue
  | StringValue
  | UriValue
  | ReferenceValue
  | DateValue
  | BirthDateValue
  | QuantityValue
  | CompositeValue;

/** system and code are '' when absent. */
export type TokenValue = { kind: 'token'; param: string; system: string; code: string };
/**
 * As it stands in the resource; `normalizeString` makes it comparable. `words`: a part of a name or
 * an address, also found by the beginning of each of its words (`stringPrefixes(value, true)`).
 */
export type StringValue = { kind: 'string'; param: string; value: string; words?: true };
export type UriValue = { kind: 'uri'; param: string; value: string };
/**
 * A relative or own reference: type and id. An absolute one elsewhere: `url` instead, type and id
 * ''.
 */
export type ReferenceValue = {
  kind: 'reference';
  param: string;
  type: string;
  id: string;
  url?: string;
};
/**
 * Inclusive bounds in ms since 1970 as the R4 precision rules give them; open ends are ±Infinity.
 */
export type DateValue = { kind: 'date'; param: string; low: number; high: number };
/**
 * A date that identifies a person: kept as written (YYYY, YYYY-MM, YYYY-MM-DD), indexed by hash
 * only.
 */
export type BirthDateValue = { kind: 'birth-date'; param: string; value: string };
/**
 * Also plain numbers (unit parts ''). low and high are the range the resource states: of a Range
 * its ends, of `<5` everything up to 5, of a plain value that value twice. Precision widens the
 * search value only, so that
 * 120.0 finds 120 and gt120 does not (search.html#number: "greater than exactly").
 */
export type QuantityValue = {
  kind: 'quantity';
  param: string;
  value: number;
  low: number;
  high: number;
  system: string;
  code: string;
  unit: string;
  /**
   * The same amount as every UCUM unit of its dimension has it; missing without a known UCUM code.
   * Where `canonical.unit` is the code as written, nothing needs to be stored twice.
   */
  canonical?: CanonicalQuantity;
};
/**
 * Parts that stood together in one repeating element (never for composites over the resource's
 * root).
 */
export type CompositeValue = { kind: 'composite'; param: string; parts: IndexValue[] };
