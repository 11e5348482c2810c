import type { Clause, TokenTest } from './search-query.ts';

/**
 * Clauses that hashed rows can not decide. Rows may narrow what has to be opened (`trigrams`,
 * `prefix`, presence); whether a resource answers is told by `matchesClause` on its content.
 */
export type OpenedClause =
  | SubstringClause
  | TextClause
  | WordsClause
  | NearClause
  | UnequalClause
  | CanonicalBelowClause;

/**
 * string `:contains`, a plain string search of more than 32 characters, and `_filter`'s co, sw, ew
 * and eq. `kind`: string values are compared normalized, tokens (their code) and uris as written.
 */
export type SubstringClause = {
  on: 'substring';
  name: string;
  params: string[];
  kind: 'string' | 'token' | 'uri';
  values: SubstringTest[];
};
/**
 * `at`: 'word' is the beginning of the string or, for parts of names and addresses, of one of its
 * words. Narrowed by rows of strings: `trigrams` must all be among the value's (`stringTrigrams`)
 * or the value has the `longText` mark; `prefix` is one of `stringPrefixes`. Both may be missing.
 */
export type SubstringTest = {
  text: string;
  at: 'anywhere' | 'start' | 'word' | 'end' | 'whole';
  trigrams: string[];
  prefix?: string;
};
/**
 * `:text`: the words shown for a token or reference begin with the normalized value. Nothing
 * narrows it: text may stand where there is no code, and so no row.
 */
export type TextClause = { on: 'text'; name: string; params: string[]; values: string[] };
/** `_text` (the narrative), `_content` (all text), string `:text`: `params` are then those. */
export type WordsClause = {
  on: 'words';
  name: string;
  params: string[];
  of: 'narrative' | 'content' | 'string';
  values: Words[];
};
/**
 * Folded like strings; `prefix`: the word goes on (`pneum*`). Several words stand in this order.
 */
export type Words =
  | { words: string[]; prefix: boolean }
  | { and: Words[] }
  | { or: Words[] }
  | { not: Words };
/** `metres` is Infinity when any position will do. */
export type NearClause = { on: 'near'; name: string; params: string[]; values: NearTest[] };
export type NearTest = { latitude: number; longitude: number; metres: number };
/** `_filter`'s ne: some value of `params` does not answer `than`. Narrowed by presence. */
export type UnequalClause = { on: 'unequal'; name: string; params: string[]; than: Clause };
/**
 * `:below` of a canonical with a version, `url|1` for `url|1.2`. Narrowed by the reference row (uri
 * row if `kind` is uri) of `url` alone.
 */
export type CanonicalBelowClause = {
  on: 'canonical-below';
  name: string;
  params: string[];
  kind: 'reference' | 'uri';
  values: { url: string; version: string }[];
};

/** Clauses the store turns into others: what they mean is not in the query. */
export type ResolvedClause =
  /** `:in`, `:not-in`, `_filter`'s in: `answerCodes` makes it a token clause. */
  | { on: 'value-set'; name: string; params: string[]; not: boolean; values: ValueSetTest[] }
  /**
   * token `:above` and `:below`, `_filter`'s ss and sb: the terminology gives the codes that
   * subsume the value or are subsumed by it, itself included; `answerCodes` makes a token clause.
   */
  | {
      on: 'subsumption';
      name: string;
      params: string[];
      direction: 'above' | 'below';
      values: TokenTest[];
    };
export type ValueSetTest = { canonical: string } | { id: string };

/**
 * uri `:below`: the value itself, or anything beneath it at a '/' (`http://a.test/fhir` finds
 * `http://a.test/fhir/x`). Values have no slash at their end. Rows answer it where `uriAncestors`
 * are indexed (`hasUriAncestors`); elsewhere (meta.profile, meta.source) it is an opened test.
 */
export type UriBelowClause = { on: 'uri-below'; name: string; params: string[]; values: string[] };

/** `_filter`. */
export type BooleanClause =
  | { on: 'and' | 'or'; name: string; clauses: Clause[] }
  | { on: 'not'; name: string; clause: Clause };
